using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>
/// Whoever looks into a lock section without its lock keeps a search from taking sections for atomic.
/// </summary>
public sealed class FusionObstacleTests
{
    public enum Reader
    {
        Peek,
        ReadOnce,
        Plain,
        InTheStepBefore,
        AfterRelease,
        FromTheStart,
        UnderAnotherLock,
        UnderOneOfTwo,
    }

    [Theory]
    [InlineData(Reader.Peek, false)]
    [InlineData(Reader.Peek, true)]
    [InlineData(Reader.ReadOnce, false)]
    [InlineData(Reader.ReadOnce, true)]
    [InlineData(Reader.Plain, false)]
    [InlineData(Reader.InTheStepBefore, false)]
    [InlineData(Reader.AfterRelease, false)]
    [InlineData(Reader.AfterRelease, true)]
    [InlineData(Reader.UnderAnotherLock, false)]
    [InlineData(Reader.UnderAnotherLock, true)]
    [InlineData(Reader.UnderOneOfTwo, false)]
    public void What_is_half_done_in_a_section_is_seen_by_a_proof_too(Reader reader, bool isGuarded)
    {
        foreach (int jobs in (int[])[1, 2])
        {
            VerificationReport plain = Search(reader, isGuarded, fusion: false, jobs);
            VerificationReport fused = Search(reader, isGuarded, fusion: true, jobs);

            Assert.Equal(FailureClass.Assertion, plain.Counterexample?.Finding.Class);
            Assert.Equal(FailureClass.Assertion, fused.Counterexample?.Finding.Class);
            Assert.False(fused.Fused);
            Assert.Contains("x", fused.FusionDropped, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_looks_before_its_first_operation_is_an_obstacle_too() =>
        Assert.NotNull(Search(Reader.FromTheStart, isGuarded: false, fusion: true, jobs: 1).FusionDropped);

    private static VerificationReport Search(Reader reader, bool isGuarded, bool fusion, int jobs) =>
        new Verifier(new Program(reader, isGuarded).Boot(), new VerifierOptions { Fusion = fusion, Jobs = jobs }).Run(
            TestContext.Current.CancellationToken);

    [KernelObject]
    private sealed class Program(Reader reader, bool isGuarded)
    {
        private SimulatedKernel _kernel;
        private SpinLock<SimulatedKernel> _lock;
        private SpinLock<SimulatedKernel> _other;
        private Shared<SimulatedKernel> _x;
        private Shared<SimulatedKernel> _y;
        private Shared<SimulatedKernel> _z;

        internal MachineImage Boot() => SmallMachine.Boot(
            2,
            boot =>
            {
                _kernel = boot.Kernel;
                _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
                _other = SpinLock<SimulatedKernel>.Create(boot, "other");
                _x = Shared<SimulatedKernel>.Create(
                    boot,
                    "x",
                    isGuarded ? _lock.Number : -1,
                    role: RegionRole.Bookkeeping);
                _y = Shared<SimulatedKernel>.Create(boot, "y", -1);
                _z = Shared<SimulatedKernel>.Create(boot, "z", -1);
                boot.Spawn("writer", Write);
                boot.Spawn("reader", Read);
            });

        private async KernelTask Write()
        {
            if (reader == Reader.UnderOneOfTwo)
                await WriteUnderBoth();

            await _lock.Acquire();
            _x.Value = 1;
            await _y.WriteOnce(1);
            _x.Value = 0;
            await _lock.Release();
        }

        private async KernelTask WriteUnderBoth()
        {
            await _lock.Acquire();
            await _other.Acquire();
            _x.Value = 2;
            await _other.Release();
            await _lock.Release();
        }

        private async KernelTask Read()
        {
            switch (reader)
            {
                case Reader.Peek:
                    await _z.WriteOnce(1);
                    Judge(_x.Peek);
                    break;
                case Reader.ReadOnce:
                    int read = await _x.ReadOnce();
                    Judge(read);
                    break;
                case Reader.Plain:
                    await _z.WriteOnce(1);
                    Judge(_x.Value);
                    break;
                case Reader.InTheStepBefore:
                    await _z.WriteOnce(1);
                    Judge(_x.Value);
                    await _lock.Acquire();
                    await _lock.Release();
                    break;
                case Reader.AfterRelease:
                    await _other.Acquire();
                    await _z.WriteOnce(1);
                    await _other.Release();
                    Judge(_x.Peek);
                    break;
                case Reader.UnderAnotherLock or Reader.UnderOneOfTwo:
                    await _other.Acquire();
                    Judge(_x.Peek);
                    await _other.Release();
                    break;
                default:
                    Judge(_x.Peek);
                    await _z.WriteOnce(1);
                    break;
            }
        }

        private void Judge(int x)
        {
            if (x == 1)
                _kernel.Fail(FailureClass.Assertion, "x is seen half-way");
        }
    }
}
