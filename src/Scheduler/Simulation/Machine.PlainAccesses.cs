using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>
/// Unmarked accesses of words that no lock guards: two of them that nothing orders, one of them a write, are a data
/// race.
/// </content>
/// <remarks>
/// A context's accesses since its last operation are kept in kernel memory, as they are part of the state. Whatever
/// another context touches while they are there could as well have happened at the same moment: what would order the
/// two is an operation (a release, a store, a wake-up), and this context has not performed one since. And if nothing
/// orders two accesses, then in some interleaving nothing comes between them. So what was published, or handed over
/// under locks, is never taken for a race, and exhaustive search misses none but those of more words in one step than a
/// row has room for. A task that has ended performs no operation any more, so its accesses stay. On one CPU preemption
/// and interrupts are ordered, too, by switching them on: what was accessed before that races with other CPUs only.
/// </remarks>
public sealed partial class Machine
{
    /// <summary>
    /// Words that a context can have accessed since its last operation; further ones are not watched.
    /// </summary>
    internal const int PlainAccessesMax = 8;

    private const int WriteFlag = 1;
    private const int LocalFlag = 2; // Preemption, or interrupts, were switched on since.
    private const int FlagBits = 2;

    private readonly byte[]? _isWatched;
    private readonly int[] _valuesBefore = new int[PlainAccessesMax];
    private bool _isStepping;

    private Span<int> PlainRow(int context) => Memory.AsSpan(_image.PlainBase + (context * PlainAccessesMax), PlainAccessesMax);

    /// <summary>
    /// An access of a word that no lock guards is about to happen; whether it writes is seen afterwards.
    /// </summary>
    internal void NotePlainAccess(int address, int guard)
    {
        if (!_isStepping)
            return; // The scenario boots, or somebody looks from outside.

        if (guard == Protection.Marked)
            Report(FailureClass.DataRace, $"{NameOf(_current)} accesses {_image.NameOf(address)}, of which all accesses must be marked\n  in {RunningChain()}");

        if (_isWatched is null || _isWatched[address] == 0)
            return;

        Span<int> row = PlainRow(_current);
        for (int i = 0; i < row.Length; i++)
        {
            if (row[i] >> FlagBits == address + 1)
            {
                row[i] &= ~LocalFlag;
                return;
            }

            if (row[i] != 0)
                continue;

            row[i] = (address + 1) << FlagBits;
            _valuesBefore[i] = Memory[address];
            break;
        }

        FindRace(address, isWrite: false);
    }

    /// <summary>Sees which of the accesses of the running step were writes, before anything else happens.</summary>
    private void SettlePlainAccesses()
    {
        Span<int> row = PlainRow(_current);
        for (int i = 0; i < row.Length && row[i] != 0; i++)
        {
            int address = (row[i] >> FlagBits) - 1;
            if ((row[i] & WriteFlag) != 0 || Memory[address] == _valuesBefore[i])
                continue;

            row[i] |= WriteFlag;
            FindRace(address, isWrite: true);
        }
    }

    /// <summary>The running context performs an operation: what it did before it is over.</summary>
    private void ForgetPlainAccesses(int context) => PlainRow(context).Clear();

    /// <summary>The running step performs an operation on its way.</summary>
    private void EndPlainAccesses()
    {
        SettlePlainAccesses();
        ForgetPlainAccesses(_current);
    }

    /// <summary>Nobody on this CPU could come between before this moment.</summary>
    internal void NoteLocalRelease()
    {
        if (_isWatched is null || !_isStepping)
            return;

        SettlePlainAccesses();
        foreach (ref int access in PlainRow(_current))
            access |= access == 0 ? 0 : LocalFlag;
    }

    private void FindRace(int address, bool isWrite)
    {
        for (int other = 0; other < Tasks.Contexts; other++)
        {
            if (other == _current)
                continue;

            foreach (int access in PlainRow(other))
            {
                if (access == 0)
                    break;

                bool conflicts = isWrite || (access & WriteFlag) != 0;
                if (access >> FlagBits == address + 1 && conflicts && !IsOrderedLocally(other, access))
                    ReportPlainRace(address, isWrite, other, (access & WriteFlag) != 0);
            }
        }
    }

    private bool IsOrderedLocally(int other, int access) =>
        (access & LocalFlag) != 0 && (Tasks.Cpu(other) < 0 || Tasks.Cpu(other) == Tasks.Cpu(_current));

    private void ReportPlainRace(int address, bool isWrite, int other, bool otherWrites)
    {
        string word = _image.NameOf(address);
        string chain = RunningChain();
        Report(
            FailureClass.DataRace,
            $"{NameOf(_current)} {(isWrite ? "writes" : "accesses")} {word} while {NameOf(other)} {(otherWrites ? "writes" : "reads")} it: no lock guards it, and the accesses are not marked"
            + $"\n  {NameOf(_current)} in {(chain.Length == 0 ? FunctionOf(_current) : chain)}"
            + $"\n  {NameOf(other)} in {(_stacks[other].Top is null ? FunctionOf(other) : string.Join(" <- ", CallChain(other)))}");
    }

    private string FunctionOf(int context) =>
        context < Tasks.Count ? $"{_image.Tasks[context].Name}, which has ended" : NameOf(context);
}
