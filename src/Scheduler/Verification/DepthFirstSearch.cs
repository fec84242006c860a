using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// The same search, last found first expanded: reaches deep violations early, and knows no shortest ways.
/// </summary>
internal sealed class DepthFirstSearch(
    SharedSearch search, SearchWorker worker, VerifierOptions options, StopReasons stop) : ISearchOrder, IStateSink
{
    private const int StatesBetweenLooks = 1024;

    private readonly Stack<Pending> _pending = [];
    private int _depth;

    /// <inheritdoc/>
    public int Depth { get; private set; }

    /// <inheritdoc/>
    public long TransitionsBefore => 0;

    /// <inheritdoc/>
    public Violation? FirstViolation { get; private set; }

    /// <inheritdoc/>
    public string? Run()
    {
        int expanded = 0;
        worker.AddStart(this);
        FirstViolation = worker.FirstViolation;
        while (_pending.Count > 0 && (FirstViolation is null || options.CountAll))
        {
            bool looks = search.IsFull || search.HasTooMany(worker.NewStates) || ++expanded % StatesBetweenLooks == 0;
            if (looks && stop.Find() is { } reason)
                return reason;

            Pending next = _pending.Pop();
            Depth = Math.Max(Depth, next.Depth);
            _depth = next.Depth + 1;
            worker.ForgetViolation();
            worker.Expand(next.State, next.Number, next.Hash, this);
            worker.Settle(this);
            FirstViolation ??= worker.FirstViolation;
        }

        return null;
    }

    public void Dispose()
    {
    }

    void IStateSink.Add(int number, UInt128 hash, ReadOnlySpan<byte> state) =>
        _pending.Push(new Pending(number, hash, state.ToArray(), _depth));

    void IStateSink.Flush()
    {
    }

    private readonly record struct Pending(int Number, UInt128 Hash, byte[] State, int Depth);
}
