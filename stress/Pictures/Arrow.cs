using Kmaplab.Scheduler.Minimization;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures;

/// <summary>Why a step of one context could follow one of another.</summary>
internal enum ArrowKind
{
    /// <summary>A lock was released, and then taken by another.</summary>
    Lock,

    /// <summary>A task was woken, and went on.</summary>
    Wake,

    /// <summary>A word was written, and read by an operation of another.</summary>
    Read,

    /// <summary>The critical pair: the other way round it does not fail.</summary>
    Critical,
}

/// <summary>An arrow from one step to a later one.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="From">The number of the step that it comes from.</param>
/// <param name="To">That which it leads to; 0 if that step never happens.</param>
/// <param name="ToContext">Whose step that is.</param>
/// <param name="About">The lock, word or queue.</param>
internal readonly record struct Arrow(ArrowKind Kind, int From, int To, int ToContext, string About);

/// <summary>Finds the arrows of a trace.</summary>
internal static class Arrows
{
    internal static IReadOnlyList<Arrow> Of(ExecutionTrace trace, CriticalPair? pair)
    {
        var arrows = new List<Arrow>();
        var names = trace.Start.Cells.ToDictionary(cell => cell.Address, cell => cell.Name);
        var released = new Dictionary<int, TraceStep>(); // By the lock's word.
        var written = new Dictionary<string, TraceStep>();
        var woken = new Dictionary<int, TraceStep>();
        foreach (TraceStep step in trace.Steps)
        {
            if (step.Transition.IsStep && woken.Remove(step.Context, out TraceStep? waker))
                arrows.Add(new Arrow(ArrowKind.Wake, waker.Number, step.Number, step.Context, ""));

            foreach (TraceEvent happened in step.Events)
            {
                if (happened.Operation is { } operation)
                    AddOperation(step, operation);

                if (happened.Change is { } change)
                    written[change.Name] = step;

                if (happened.Woken >= 0)
                    woken[happened.Woken] = step;
            }
        }

        if (pair is not null)
        {
            arrows.Add(new Arrow(
                ArrowKind.Critical, pair.First.Number, pair.Second.Number, pair.Second.Context, pair.About));
        }

        return arrows;

        void AddOperation(TraceStep step, TraceOperation operation)
        {
            string word = names.GetValueOrDefault(operation.Word, "");
            switch (operation.Kind)
            {
                case OperationKind.Release:
                    released[operation.SpinLock] = step;
                    break;
                case OperationKind.Acquire or OperationKind.TryAcquire:
                    if (operation.Changes.Any(change => change.Words.Any(held => held.Address == operation.SpinLock))
                        && released.Remove(operation.SpinLock, out TraceStep? before))
                    {
                        Add(ArrowKind.Lock, before, step, word);
                    }

                    break;
                case OperationKind.QueueTest or OperationKind.WakeUp or OperationKind.ReadOnce or OperationKind.FetchAdd
                    or OperationKind.CompareExchange or OperationKind.CompareExchangeOld or OperationKind.Exchange
                    or OperationKind.Await:
                    if (written.TryGetValue(word, out TraceStep? writer))
                        Add(ArrowKind.Read, writer, step, word);

                    break;
            }
        }

        void Add(ArrowKind kind, TraceStep from, TraceStep to, string about)
        {
            if (from.Context != to.Context)
                arrows.Add(new Arrow(kind, from.Number, to.Number, to.Context, about));
        }
    }
}
