using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>Random programs whose accesses may or may not be protected end the same with fusion and without.</summary>
public sealed class FusionDifferenceTests
{
    private const int Programs = 500;

    private enum Act
    {
        Acquire,
        Release,
        Add, // Plainly, to a word that no lock guards.
        Look, // Plainly, at such a word.
        ReadOnce,
        WriteOnce,
        FetchAdd,
        Try,
        Join,
        Leave,
        LookAtQueue,
        Inner, // Adds under an inner lock.
        PeekInner, // Looks at what the inner lock guards, without it.
        IsLocked,
        Choose,
        Round,
    }

    [Fact]
    public void Random_programs_reach_the_same_ends_with_fusion_and_without()
    {
        var random = new Pcg32(seed: 20_261_125, stream: 7);
        int fused = 0;
        int dropped = 0;
        for (int number = 0; number < Programs; number++)
        {
            var program = new Program([Draw(ref random), Draw(ref random)]);
            VerificationReport plain = Search(program, fusion: false);
            VerificationReport reduced = Search(program, fusion: true);

            Assert.True(
                (plain.Verdict, plain.FinalStates, plain.Deadlocks)
                    == (reduced.Verdict, reduced.FinalStates, reduced.Deadlocks),
                $"program {number}: {program}: {plain.Verdict} {plain.FinalStates}+{plain.Deadlocks}, fused "
                + $"{reduced.Verdict} {reduced.FinalStates}+{reduced.Deadlocks} ({reduced.FusionDropped})");
            fused += reduced.Fused && reduced.States < plain.States ? 1 : 0;
            dropped += reduced.FusionDropped is null ? 0 : 1;
        }

        Assert.InRange(fused, Programs / 10, Programs);
        Assert.InRange(dropped, Programs / 10, Programs);
    }

    private static VerificationReport Search(Program program, bool fusion)
    {
        MachineImage image = program.Boot();
        return new Verifier(image, new VerifierOptions { Fusion = fusion, CountAll = true }).Run(
            TestContext.Current.CancellationToken);
    }

    // Locks are released in the end, so that most programs end.
    private static (Act, int)[] Draw(ref Pcg32 random)
    {
        var acts = new List<(Act, int)>();
        int held = -1;
        bool hasJoined = false;
        int length = 3 + random.Next(5);
        while (acts.Count < length)
        {
            var act = (Act)random.Next((int)Act.Round + 1);
            int which = random.Next(2);
            if ((act is Act.Acquire or Act.Try or Act.Round) && held >= 0)
                (act, which) = (Act.Add, held); // As it would be in a program without mistakes.
            else if (act == Act.Release)
                (act, which) = held < 0 ? (Act.Acquire, which) : (act, held);
            else if (act is Act.Join or Act.Leave)
                act = hasJoined ? Act.Leave : Act.Join;
            else if ((act is Act.Add or Act.Look) && held < 0 && random.Next(3) != 0)
                act = Act.FetchAdd;

            held = act == Act.Acquire ? which : act == Act.Release ? -1 : held;
            hasJoined = act == Act.Join || (hasJoined && act != Act.Leave);
            if (held >= 0 && (act is Act.Add or Act.Look) && random.Next(4) != 0)
                which = held;

            acts.Add((act, which));
        }

        if (hasJoined)
            acts.Add((Act.Leave, 0));

        if (held >= 0)
            acts.Add((Act.Release, held));

        return [.. acts];
    }

    [KernelObject]
    private sealed class Program((Act Act, int Which)[][] tasks)
    {
        private readonly SpinLock<SimulatedKernel>[] _locks = new SpinLock<SimulatedKernel>[2];
        private SpinLock<SimulatedKernel> _inner;
        private WaitQueue<SimulatedKernel> _queue;
        private SharedArray<SimulatedKernel> _words;
        private SharedArray<SimulatedKernel> _marked;
        private SharedArray<SimulatedKernel> _remembered;
        private Shared<SimulatedKernel> _underInner;
        private SimulatedKernel _kernel;

        public override string ToString() =>
            string.Join(" | ", tasks.Select(acts => string.Join(", ", acts.Select(act => $"{act.Act} {act.Which}"))));

        internal MachineImage Boot() => SmallMachine.Boot(
            tasks.Length,
            boot =>
            {
                _kernel = boot.Kernel;
                for (int i = 0; i < 2; i++)
                    _locks[i] = SpinLock<SimulatedKernel>.Create(boot, $"lock{i}");

                _inner = SpinLock<SimulatedKernel>.Create(boot, "inner", LockRank.Inner);
                _underInner = Shared<SimulatedKernel>.Create(boot, "under_inner", _inner.Number);
                _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
                _words = SharedArray<SimulatedKernel>.Create(boot, "words", 2, guard: -1, role: RegionRole.Bookkeeping);
                _marked = SharedArray<SimulatedKernel>.Create(
                    boot,
                    "marked",
                    2,
                    guard: -1,
                    role: RegionRole.Bookkeeping);
                _remembered = SharedArray<SimulatedKernel>.Create(
                    boot,
                    "remembered",
                    tasks.Length,
                    guard: -1,
                    role: RegionRole.Private);
                for (int task = 0; task < tasks.Length; task++)
                {
                    int number = task;
                    boot.Spawn("test", () => Run(number));
                }
            });

        private async KernelTask Run(int task)
        {
            for (int i = 0; i < tasks[task].Length; i++)
                await Execute(task, tasks[task][i].Act, tasks[task][i].Which);
        }

        private async KernelTask Execute(int task, Act act, int which)
        {
            switch (act)
            {
                case Act.Acquire:
                    await _locks[which].Acquire();
                    break;
                case Act.Release:
                    await _locks[which].Release();
                    break;
                case Act.Add:
                    _words[which] = (_words[which] * 3) + task + 1;
                    break;
                case Act.Look:
                    Remember(task, _words.Peek(which));
                    break;
                case Act.ReadOnce:
                    int read = await _marked.ReadOnce(which);
                    Remember(task, read);
                    break;
                case Act.WriteOnce:
                    await (which == 0 ? _marked.WriteOnce(0, task + 5) : _words.WriteOnce(1, task + 5));
                    break;
                case Act.FetchAdd:
                    int before = await _marked.FetchAdd(which, task + 1);
                    Remember(task, before);
                    break;
                default:
                    await ExecuteOther(task, act, which);
                    break;
            }
        }

        private async KernelTask ExecuteOther(int task, Act act, int which)
        {
            switch (act)
            {
                case Act.Try:
                    bool got = await _locks[which].TryAcquire();
                    Remember(task, got ? 1 : 0);
                    if (got)
                        await _locks[which].Release();

                    break;
                case Act.Join:
                    await _queue.Add();
                    break;
                case Act.Leave:
                    await _queue.Remove();
                    break;
                case Act.LookAtQueue:
                    Remember(task, _queue.IsActive ? 1 : 0);
                    break;
                case Act.Inner:
                    await _inner.Acquire();
                    _underInner.Value = (_underInner.Value * 3) + task + 1;
                    await _inner.Release();
                    break;
                case Act.PeekInner:
                    Remember(task, _underInner.Peek);
                    break;
                case Act.IsLocked:
                    Remember(task, _locks[which].IsLocked ? 1 : 0);
                    break;
                case Act.Choose:
                    int chosen = await _kernel.Choose(2);
                    Remember(task, chosen);
                    break;
                default:
                    var rounds = new RoundsLeft(ScenarioSize.AnyRounds);
                    if (await rounds.Next(_kernel))
                        Remember(task, which);

                    break;
            }
        }

        // Order matters, and nobody else looks at it.
        private void Remember(int task, int value) => _remembered[task] = (_remembered[task] * 5) + value + 1;
    }
}
