namespace MLNet.Papers.Networks;

/// <summary>The scoring form of a transformer's network, whatever kind it is.</summary>
internal interface ILazyScorer : IDisposable
{
    /// <summary>Makes the scorer, or checks that it was not freed.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed, and the scorer held memory that was freed.</exception>
    void Require();
}

/// <summary>The scoring form of a transformer's network, made when it is first needed.</summary>
internal sealed class LazyScorer<TScorer>(Func<TScorer> create) : ILazyScorer
    where TScorer : IScorer
{
    private readonly Lazy<TScorer> _scorer = new(create);
    private bool _isDisposed;

    /// <exception cref="ObjectDisposedException">The transformer was disposed, and the scorer held memory that was freed.</exception>
    public TScorer Value
    {
        get
        {
            TScorer scorer = _scorer.Value;
            if (!_isDisposed || !scorer.IsNative)
                return scorer;
            scorer.Dispose();
            throw new ObjectDisposedException(objectName: null,
                "This transformer was disposed, and its network was freed. " +
                "A PredictionEngine disposes its transformer unless PredictionEngineOptions.OwnsTransformer is false.");
        }
    }

    public void Require() => _ = Value;

    public void Dispose()
    {
        if (_scorer.IsValueCreated && _scorer.Value.IsNative)
            _scorer.Value.Dispose();
        _isDisposed = true;
    }
}

/// <summary>A network in the form that scores.</summary>
internal interface IScorer : IDisposable
{
    /// <summary>Whether it holds memory that only disposing it frees: where it runs in torch.</summary>
    bool IsNative { get; }
}
