using CsCheck;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>Steps that run on through what nobody can observe leave every outcome as it is.</summary>
public sealed class FusionTests
{
    private int _programs;
    private int _reduced;
    private int _withSeveralOutcomes;
    private int _withStuckTasks;

    [Fact]
    public void Small_programs_have_the_same_outcomes_with_and_without_fusion()
    {
        RandomProgram.Any.Sample(program => Compare(program), iter: 300, threads: 1, print: program => $"{program}");

        // Unless most programs are of some interest, nothing was shown.
        Assert.True(_reduced > _programs / 2, $"{_reduced} of {_programs} programs have fewer states");
        Assert.True(
            _withSeveralOutcomes > _programs / 3,
            $"{_withSeveralOutcomes} of {_programs} programs have several outcomes");
        Assert.True(_withStuckTasks > _programs / 10, $"{_withStuckTasks} of {_programs} programs can get stuck");
    }

    private void Compare(RandomProgram program)
    {
        (string[] outcomes, int states) = EveryState.Outcomes(program.Boot(new MachineOptions()), program.Outcome);
        (string[] fused, int fewer) = EveryState.Outcomes(
            program.Boot(new MachineOptions { Fusion = true }),
            program.Outcome);
        Assert.Equal(outcomes, fused);
        _programs++;
        _reduced += fewer < states ? 1 : 0;
        _withSeveralOutcomes += outcomes.Length > 1 ? 1 : 0;
        _withStuckTasks += outcomes.Any(outcome => outcome.Contains("Runnable") || outcome.Contains("Asleep")) ? 1 : 0;
    }
}
