using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>Stacks that differ only in the objects that their functions belong to are different stacks.</summary>
public sealed class StackIdentityTests
{
    [Fact]
    public void Whoever_waits_in_one_of_two_gates_is_not_taken_for_one_who_waits_in_the_other()
    {
        // Were it, whoever comes second to that place would go on in the first gate.
        VerificationReport report = new Verifier(BootGates(), new VerifierOptions()).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal("the second gate was passed", report.Counterexample?.Finding.Message);
    }

    [Fact]
    public void A_captured_variable_tells_two_lambdas_apart()
    {
        // Were the two taken for each other, task 1 would go on as task 0, and take its own lock again.
        VerificationReport report = new Verifier(BootLambdas(), new VerifierOptions { Symmetry = false }).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Deadlock, report.Counterexample?.Finding.Class);
    }

    [Fact]
    public void What_a_struct_has_behind_its_fields_tells_two_stacks_apart()
    {
        VerificationReport report = new Verifier(BootWide(), new VerifierOptions()).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
    }

    [Fact]
    public void A_nullable_local_may_have_no_value()
    {
        VerificationReport report = new Verifier(BootNullable(), new VerifierOptions()).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Verified, report.Verdict);
    }

    private static MachineImage BootNullable() =>
        MachineBuilder.Boot(1, interrupts: 0, new MachineOptions(), StandardDetectors.Create(), boot =>
        {
            var word = Shared<SimulatedKernel>.Create(boot, "word", Protection.Marked);
            boot.Spawn("test", async () =>
            {
                (int, long?) pair = (await word.ReadOnce(), null);
                await word.WriteOnce(pair.Item2 is null ? 1 : 2);
                await word.WriteOnce(pair.Item1);
            });
        });

    // Two tasks, of which the second to come keeps a number where no field is, and fails because of it later.
    private static MachineImage BootWide() =>
        MachineBuilder.Boot(2, interrupts: 0, new MachineOptions(), StandardDetectors.Create(), boot =>
        {
            var word = Shared<SimulatedKernel>.Create(boot, "word", Protection.Marked);
            Func<KernelTask> run = async () =>
            {
                Wide wide = default;
                int before = await word.FetchAdd(1);
                Second(ref wide) = before;
                before = 0;
                await word.WriteOnce(9);
                await word.WriteOnce(9);
                if (Second(ref wide) == 1)
                    boot.Kernel.Fail(FailureClass.Assertion, "it came second");
            };
            boot.Spawn("test", run);
            boot.Spawn("test", run);
        });

    private static ref int Second(ref Wide wide) =>
        ref MemoryMarshal.Cast<Wide, int>(MemoryMarshal.CreateSpan(ref wide, 1))[1];

    [StructLayout(LayoutKind.Explicit, Size = 8)]
    private struct Wide
    {
        [FieldOffset(0)]
        internal int First;
    }

    private static MachineImage BootGates() =>
        MachineBuilder.Boot(2, interrupts: 0, new MachineOptions(), StandardDetectors.Create(), boot =>
        {
            var program = new Program(boot, SpinLock<SimulatedKernel>.Create(boot, "lock"));
            boot.Spawn("visitor", program.Visit);
            boot.Spawn("porter", program.Open);
            boot.AtEnd(() =>
                program.SecondWasPassed ? new Finding(FailureClass.Assertion, "the second gate was passed") : null);
        });

    private static MachineImage BootLambdas() =>
        MachineBuilder.Boot(2, interrupts: 0, new MachineOptions(), StandardDetectors.Create(), boot =>
        {
            SpinLock<SimulatedKernel> a = SpinLock<SimulatedKernel>.Create(boot, "a");
            SpinLock<SimulatedKernel> b = SpinLock<SimulatedKernel>.Create(boot, "b");
            foreach (bool inOrder in (bool[])[true, false])
            {
                boot.Spawn("task", async () =>
                {
                    await (inOrder ? a : b).Acquire();
                    await (inOrder ? b : a).Acquire();
                    await (inOrder ? b : a).Release();
                    await (inOrder ? a : b).Release();
                });
            }
        });

    /// <summary>A task waits in one gate or in the other, in the same function of both.</summary>
    [KernelObject]
    private sealed class Program(IKernelBoot<SimulatedKernel> boot, SpinLock<SimulatedKernel> spinLock)
    {
        private readonly Gate _first = new(boot, spinLock, "first");
        private readonly Gate _second = new(boot, spinLock, "second");
        private readonly Shared<SimulatedKernel> _choice = Shared<SimulatedKernel>.Create(boot, "choice", guard: -1);

        internal bool SecondWasPassed => _second.WasPassed;

        internal async KernelTask Visit()
        {
            int choice = await _choice.ReadOnce();
            await (choice == 0 ? _first : _second).Pass();
        }

        internal async KernelTask Open() => await _choice.WriteOnce(1);
    }

    [KernelObject]
    private sealed class Gate(IKernelBoot<SimulatedKernel> boot, SpinLock<SimulatedKernel> spinLock, string name)
    {
        private readonly SpinLock<SimulatedKernel> _lock = spinLock;
        private readonly Shared<SimulatedKernel> _passed = Shared<SimulatedKernel>.Create(boot, name, guard: -1);

        internal bool WasPassed => _passed.Peek != 0;

        internal async KernelTask Pass()
        {
            await _lock.Acquire(); // In front of this both gates look alike.
            await _lock.Release();
            await _passed.WriteOnce(1);
        }
    }
}
