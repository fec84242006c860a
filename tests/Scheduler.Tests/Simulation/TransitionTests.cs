using CsCheck;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Tests.Simulation;

public sealed class TransitionTests
{
    private static readonly Gen<int> s_number = Gen.Int[0, Transition.MaxContexts - 1];

    private static readonly Gen<int> s_argument = Gen.Int[0, Transition.MaxDispatched - 1];

    private static readonly Gen<int> s_small = Gen.Int[0, Transition.MaxSmall - 1];

    private static readonly Gen<Transition> s_any = Gen.OneOf(
        s_number.Select(Transition.Step),
        Gen.Select(s_number, s_argument).Select((cpu, context) => Transition.Dispatch(cpu, context)),
        s_number.Select(Transition.Preempt),
        Gen.Select(s_number, s_argument).Select((cpu, interrupt) => Transition.Interrupt(cpu, interrupt)),
        s_number.Select(Transition.Acknowledge),
        Gen.Select(s_number, s_argument).Select((context, outcome) => Transition.Choose(context, outcome)));

    [Fact]
    public void Parsing_what_was_printed_gives_the_same_transition() =>
        s_any.Sample(transition =>
            Transition.TryParse(transition.ToString(), out Transition parsed) && parsed == transition);

    [Fact]
    public void Two_transitions_are_printed_alike_only_if_they_are_the_same() =>
        Gen.Select(s_any, s_any).Sample((one, other) => (one.ToString() == other.ToString()) == (one == other));

    [Fact]
    public void The_parts_are_those_that_it_was_made_of() =>
        Gen.Select(s_number, s_argument)
            .Sample(
                (subject, argument) =>
                {
                    Assert.Equal(
                        (TransitionKind.Step, subject),
                        (Transition.Step(subject).Kind, Transition.Step(subject).Subject));
                    Transition dispatch = Transition.Dispatch(subject, argument);
                    Assert.Equal(
                        (TransitionKind.Dispatch, subject, argument),
                        (dispatch.Kind, dispatch.Subject, dispatch.Argument));
                    Transition interrupt = Transition.Interrupt(subject, argument);
                    Assert.Equal(
                        (TransitionKind.Interrupt, subject, argument),
                        (interrupt.Kind, interrupt.Subject, interrupt.Argument));
                }
            );

    [Fact]
    public void Small_numbers_make_codes_of_16_bits() =>
        Gen.Select(s_small, s_small).Sample((one, other) =>
            Transition.Dispatch(one, other).Code <= ushort.MaxValue
            && Transition.Choose(one, other).Code <= ushort.MaxValue);

    [Theory]
    [InlineData("7", "7")]
    [InlineData("65535", "65535")]
    [InlineData("d70:4095", "d70:4095")]
    [InlineData("d0:2", "d0:2")]
    [InlineData("p3", "p3")]
    [InlineData("i0:1", "i0:1")]
    [InlineData("a63", "a63")]
    [InlineData("c0:1", "c0:1")]
    public void Each_kind_has_its_letter(string text, string printed)
    {
        Assert.True(Transition.TryParse(text, out Transition transition));
        Assert.Equal(printed, transition.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1:2")]
    [InlineData("d1")]
    [InlineData("d1:")]
    [InlineData("d1:4096")]
    [InlineData("i:1")]
    [InlineData("p1:0")]
    [InlineData("a")]
    [InlineData("c1")]
    [InlineData("c1:4096")]
    [InlineData("x1")]
    public void Anything_else_is_refused(string text) => Assert.False(Transition.TryParse(text, out _));
}
