using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <content>Keeps an access in order with all others of the same page.</content>
internal sealed unsafe partial class ThreadPaging
{
    /// <summary>
    /// A look of a recorded task at an entry, in order with all changes of it. Who holds its lock need not say when.
    /// </summary>
    internal PageFrame Look(ThreadTask task, int page)
    {
        int guard = _layout.RegionOf(page)!.Guard;
        if (_machine.Recording is not { } recorder || (guard >= 0 && _machine.Words[guard] == task.Number + 1))
            return Entry(page);

        // Whoever holds the lock may change several entries in one step, and nobody comes in between.
        Visit visit = guard >= 0 ? _machine.Visits.Enter(task.Number, guard) : Visit.IsLetIn;
        int entry = _layout.PageTableBase + page;
        int version = recorder.Hold(entry);
        PageFrame frame = Entry(page);
        bool isOrdered = visit != Visit.Intrudes && recorder.IsStepUndisturbed(task, entry);
        if (isOrdered)
            recorder.Add(task, OperationKind.None, entry, version, 0);

        recorder.LetGo(entry, isOrdered ? version : version - 2);
        if (guard >= 0)
            _machine.Visits.Leave(task.Number, guard, visit);

        return frame;
    }

    /// <summary>
    /// What one access through an address is ordered by: the page table entry, and the frame that it leads to.
    /// </summary>
    /// <remarks>Nobody lets go if something is found wrong meanwhile, and whoever waits then leaves.</remarks>
    private readonly struct PageHold
    {
        private readonly ThreadRecorder? _recorder;
        private readonly int _entry = -1;
        private readonly int _entryVersion;
        private readonly int _frame = -1;
        private readonly int _frameVersion;

        internal PageHold(ThreadPaging paging, OperationKind kind, VirtualAddress address)
        {
            _recorder = paging._machine.Recording;
            if (_recorder is null)
                return;

            ThreadTask task = ThreadTask.t_current!;
            MmuLayout layout = paging._layout;
            int place = layout.PlaceOf(address);
            if (place < 0)
            {
                _recorder.Add(task, kind, 0, 0, 0);
                return;
            }

            int frame = place - layout.Pages;
            if (place < layout.Pages)
            {
                _entry = layout.PageTableBase + place;
                _entryVersion = _recorder.Hold(_entry);
                _recorder.Add(task, kind, _entry, _entryVersion, 0);
                frame = paging.Entry(place).Number;
            }
            else
            {
                _recorder.Add(task, kind, 0, 0, 0);
            }

            if ((uint)frame < (uint)layout.Frames)
            {
                _frame = paging._mappings + frame;
                _frameVersion = _recorder.Hold(_frame);
                _recorder.Add(task, OperationKind.None, _frame, _frameVersion, 0);
            }
        }

        internal void LetGo()
        {
            if (_frame >= 0)
                _recorder!.LetGo(_frame, _frameVersion);

            if (_entry >= 0)
                _recorder!.LetGo(_entry, _entryVersion);
        }
    }
}
