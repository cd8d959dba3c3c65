namespace MLNet.Papers.Networks;

/// <summary>The scoring form of a transformer's network, made when it is first needed.</summary>
internal sealed class LazyScorer<TScorer>(Func<TScorer> create) : IDisposable
    where TScorer : IDisposable
{
    private readonly Lazy<TScorer> _scorer = new(create);
    private bool _isDisposed;

    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public TScorer Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _scorer.Value;
        }
    }

    public void Dispose()
    {
        if (!_isDisposed && _scorer.IsValueCreated)
            _scorer.Value.Dispose();
        _isDisposed = true;
    }
}
