using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Fusion;

/// <summary>
/// Unmarked accesses of words that no lock guards: two of them that nothing orders, one of them a write, are a data
/// race.
/// </summary>
/// <remarks>
/// A context's accesses since its last operation are kept in kernel memory, as they are part of the state. Whatever
/// another context touches while they are there could as well have happened at the same moment: what would order the
/// two is an operation (a release, a store, a wake-up), and this context has not performed one since. And if nothing
/// orders two accesses, then in some interleaving nothing comes between them. So what was published, or handed over
/// under locks, is never taken for a race, and exhaustive search misses none but those of more words in one step than a
/// row has room for. A task that has ended performs no operation any more, so its accesses stay. On one CPU preemption
/// and interrupts are ordered, too, by switching them on: what was accessed before that races with other CPUs only.
/// </remarks>
internal sealed class PlainAccessWatch
{
    /// <summary>
    /// Words that a context can have accessed since its last operation; further ones are not watched.
    /// </summary>
    internal const int AccessesMax = 8;

    private const int WriteFlag = 1;
    private const int LocalFlag = 2; // Preemption, or interrupts, were switched on since.
    private const int FlagBits = 2;

    private readonly KernelWords _memory;
    private readonly TaskTable _tasks;
    private readonly int _base;
    private readonly WordWatch[] _watches; // By address.
    private readonly int[] _valuesAtBoot;
    private readonly int[] _users; // Who accesses a word of which only that is watched, + 1; -1 for several.
    private readonly IContextReports _reports;
    private readonly int[] _valuesBefore = new int[AccessesMax];

    /// <summary>Keeps the accesses in the words from <paramref name="rows"/> on, a row for each context.</summary>
    internal PlainAccessWatch(
        KernelWords memory,
        TaskTable tasks,
        int rows,
        WordWatch[] watches,
        int[] valuesAtBoot,
        IContextReports reports)
    {
        _memory = memory;
        _tasks = tasks;
        _base = rows;
        _watches = watches;
        _valuesAtBoot = valuesAtBoot;
        _users = watches.Contains(WordWatch.Users) ? new int[watches.Length] : [];
        _reports = reports;
    }

    /// <summary>
    /// The running context is about to access a word that no lock guards; whether it writes is seen afterwards.
    /// </summary>
    internal void Note(int context, int address)
    {
        if (_watches[address] != WordWatch.Accesses)
        {
            if (_watches[address] == WordWatch.Users)
                NoteUser(context, address);

            return;
        }

        Span<int> row = Row(context);
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
            _valuesBefore[i] = _memory[address];
            break;
        }

        FindRace(context, address, isWrite: false);
    }

    /// <summary>
    /// A word that several tasks access and that changes, of which nothing but that is watched; null if there is none.
    /// An unordered access, if there is one, comes after the other in some run, and so meets the changed value.
    /// </summary>
    internal string? SharedUnseen { get; private set; }

    /// <summary>Sees which of the accesses of the running step were writes, before anything else happens.</summary>
    internal void Settle(int context)
    {
        Span<int> row = Row(context);
        for (int i = 0; i < row.Length && row[i] != 0; i++)
        {
            int address = (row[i] >> FlagBits) - 1;
            if ((row[i] & WriteFlag) != 0 || _memory[address] == _valuesBefore[i])
                continue;

            row[i] |= WriteFlag;
            FindRace(context, address, isWrite: true);
        }
    }

    /// <summary>A context performs an operation: what it did before it is over.</summary>
    internal void Forget(int context) => Row(context).Clear();

    /// <summary>The running step performs an operation on its way.</summary>
    internal void End(int context)
    {
        Settle(context);
        Forget(context);
    }

    /// <summary>Nobody on this CPU could come between before this moment.</summary>
    internal void NoteLocalRelease(int context)
    {
        Settle(context);
        foreach (ref int access in Row(context))
            access |= access == 0 ? 0 : LocalFlag;
    }

    private void NoteUser(int context, int address)
    {
        ref int user = ref _users[address];
        user = user == 0 || user == context + 1 ? context + 1 : -1;
        if (user < 0 && _memory[address] != _valuesAtBoot[address])
            SharedUnseen ??= _reports.NameOfWord(address);
    }

    private Span<int> Row(int context) => _memory.Span(_base + (context * AccessesMax), AccessesMax);

    private void FindRace(int context, int address, bool isWrite)
    {
        for (int other = 0; other < _tasks.Contexts; other++)
        {
            if (other == context)
                continue;

            foreach (int access in Row(other))
            {
                if (access == 0)
                    break;

                bool conflicts = isWrite || (access & WriteFlag) != 0;
                if (access >> FlagBits == address + 1 && conflicts && !IsOrderedLocally(context, other, access))
                    Report(context, address, isWrite, other, (access & WriteFlag) != 0);
            }
        }
    }

    private bool IsOrderedLocally(int context, int other, int access) =>
        (access & LocalFlag) != 0 && (_tasks.Cpu(other) < 0 || _tasks.Cpu(other) == _tasks.Cpu(context));

    private void Report(int context, int address, bool isWrite, int other, bool otherWrites)
    {
        string name = _reports.NameOf(context);
        string otherName = _reports.NameOf(other);
        string chain = _reports.RunningChain();
        _reports.Report(
            FailureClass.DataRace,
            $"{name} {(isWrite ? "writes" : "accesses")} {_reports.NameOfWord(address)} while {otherName} "
            + $"{(otherWrites ? "writes" : "reads")} it: no lock guards it, and the accesses are not marked"
            + $"\n  {name} in {(chain.Length == 0 ? _reports.PlaceOf(context) : chain)}"
            + $"\n  {otherName} in {_reports.PlaceOf(other)}");
    }
}

/// <summary>What is watched of a word for the sake of data races.</summary>
internal enum WordWatch : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Each plain access.</summary>
    Accesses,

    /// <summary>Whether several tasks access it plainly.</summary>
    Users,
}
