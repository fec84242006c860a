using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <content>Kernel memory that running code touches between its operations.</content>
internal sealed partial class ContextRunner
{
    // Kernel memory while nobody looks at plain accesses but to see that their lock is held; and while nobody looks at
    // those of words that no lock guards. No word at all otherwise, and on a machine that may log its steps.
    private int[] _unseen = [];
    private int[] _unjudged = [];

    /// <summary>An access that is an operation of its own is about to be announced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NoteMarkedAccess(int address) => _fusionWatch?.NoteMarked(address);

    /// <summary>
    /// A word that a lock, or a <see cref="Protection"/>, guards, for a plain access, which is judged.
    /// </summary>
    // Nearly all accesses on a machine at which nobody looks come this way, so it is short.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref int GuardedWord(int address, int guard)
    {
        int[] words = _unseen;
        if ((uint)guard < (uint)words.Length)
        {
            if (KernelWords.At(words, guard) == Current + 1 && (uint)address < (uint)words.Length)
                return ref KernelWords.At(words, address);
        }
        else if (guard is < 0 and not Protection.Marked)
        {
            words = _unjudged;
            if ((uint)address < (uint)words.Length)
                return ref KernelWords.At(words, address);
        }

        return ref SeenWord(address, guard);
    }

    /// <inheritdoc cref="AccessJudge.PassOver"/>
    internal int PassOver(int address, int length, int guard, int value) =>
        _judge?.PassOver(address, length, guard, value) ?? 0;

    /// <summary>A word for a plain access that nobody judges.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref int Word(int address)
    {
        int[] words = _unseen;
        if ((uint)address < (uint)words.Length)
            return ref KernelWords.At(words, address);

        return ref SeenWord(address);
    }

    /// <summary>Judges a plain access of a word that a lock, or a <see cref="Protection"/>, guards.</summary>
    internal void CheckAccess(int address, int guard) => _judge?.Judge(address, guard);

    /// <summary>Tells who watches closely that the running code is about to touch kernel memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ShowPlainAccess()
    {
        if (Observer is not null && IsStepping)
            Observer.OnPlainAccess(Current);
    }

    /// <summary>Nobody on this CPU could come between before this moment.</summary>
    internal void NoteLocalRelease()
    {
        if (IsStepping)
            _plainAccesses?.NoteLocalRelease(Current);
    }

    /// <summary>
    /// Somebody looks at a state while no code runs: nobody has to see that, and no log to note it, until
    /// <see cref="EndLook"/>.
    /// </summary>
    internal void BeginLook() => _unseen = Memory.WithoutLog().Unlogged;

    /// <summary>Whoever looked is done.</summary>
    internal void EndLook() => SeeWhoLooks();

    // Whoever is told of accesses, or judges them by more than their lock, must be known here: it would miss them all.
    private void SeeWhoLooks()
    {
        _unseen = Observer is null && _fusionWatch is null ? Memory.Unlogged : [];
        _unjudged = _plainAccesses is null ? _unseen : [];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref int SeenWord(int address, int guard)
    {
        CheckAccess(address, guard);
        return ref Memory[address];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref int SeenWord(int address)
    {
        _judge?.Note(address);
        return ref Memory[address];
    }
}
