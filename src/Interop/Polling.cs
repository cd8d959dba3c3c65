using System.Runtime.CompilerServices;

namespace MLNet.Papers.Interop;

/// <summary>Looks whether a fit was cancelled in a loop whose turns are too short for looking in each: in the first one, and then once in so many.</summary>
/// <param name="check">Throws if it was; null where nothing can be cancelled.</param>
internal struct Polling(Action? check)
{
    private const int Turns = 1024;

    private readonly Action? _check = check;
    private int _turn;

    /// <summary>Called in each turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Turn()
    {
        if (_turn++ % Turns == 0)
            _check?.Invoke();
    }
}
