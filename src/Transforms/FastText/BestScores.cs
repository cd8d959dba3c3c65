namespace MLNet.Papers.FastText;

/// <summary>Keeps the k highest scores of a stream of them: a heap whose root is the worst one kept. Of equal scores the smaller id is better.</summary>
/// <param name="k">How many are kept, at least 1.</param>
internal sealed class BestScores(int k)
{
    private (float Score, int Id)[] _heap = new (float, int)[Math.Min(k, 64)];
    private int _count;

    public bool IsFull => _count == k;

    /// <summary>The score that a new one must reach; minus infinity while there is room.</summary>
    public float Worst => IsFull ? _heap[0].Score : float.NegativeInfinity;

    public void Offer(float score, int id)
    {
        if (IsFull)
        {
            if (IsWorse((score, id), _heap[0]))
                return;
            SiftDown((score, id));
            return;
        }

        if (_count == _heap.Length)
            Array.Resize(ref _heap, (int)Math.Min(k, 2L * _count));
        int place = _count++;
        for (; place > 0 && IsWorse((score, id), _heap[(place - 1) / 2]); place = (place - 1) / 2)
            _heap[place] = _heap[(place - 1) / 2];
        _heap[place] = (score, id);
    }

    /// <summary>What was kept, best first.</summary>
    public IReadOnlyList<(float Score, int Id)> Descending() => [.. _heap.Take(_count).OrderByDescending(kept => kept.Score).ThenBy(kept => kept.Id)];

    private void SiftDown((float Score, int Id) item)
    {
        int place = 0;
        while (true)
        {
            int child = (2 * place) + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && IsWorse(_heap[child + 1], _heap[child]))
                child++;
            if (IsWorse(item, _heap[child]))
                break;
            _heap[place] = _heap[child];
            place = child;
        }

        _heap[place] = item;
    }

    private static bool IsWorse((float Score, int Id) left, (float Score, int Id) right) =>
        left.Score < right.Score || (left.Score == right.Score && left.Id > right.Id);
}
