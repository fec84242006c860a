using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Tests.Simulation.Memo;

/// <summary>Recorded steps of one stack are told apart by what they have read, and by nothing else.</summary>
public sealed class StepTableTests
{
    private const int Root = 1;
    private const int Word = TaskTable.Stride; // The first behind the row of the only context.
    private const int OtherWord = Word + 1;

    private readonly int[] _memory = new int[4 * TaskTable.Stride];
    private readonly StepTable _table = new();
    private readonly TouchLog _log;
    private readonly KernelWords _words;

    public StepTableTests()
    {
        _log = new TouchLog(_memory);
        _words = new KernelWords(_memory, _log);
    }

    [Fact]
    public void A_step_is_found_where_all_that_it_has_read_is_the_same_and_nowhere_else()
    {
        int step = Add(() => _words[Word] += _words[OtherWord]);
        Array.Clear(_memory);

        Assert.Equal(step, _table.Find(Root, 0, _memory));
        foreach (int word in (int[])[Word, OtherWord])
        {
            _memory[word] = 1;
            Assert.Equal(0, _table.Find(Root, 0, _memory));
            _memory[word] = 0;
        }
    }

    [Fact]
    public void A_word_that_is_overwritten_unseen_may_be_anything_and_is_the_same_afterwards()
    {
        _memory[Word] = 5; // It is what it will be, and yet must be written.
        int step = Add(() =>
        {
            _ = _words[OtherWord];
            _words.Set(Word, 5);
        });

        foreach (int before in (int[])[0, 5, 77])
        {
            _memory[Word] = before;
            Assert.Equal(step, _table.Find(Root, 0, _memory));
            _table.Steps.Write(step, 0, _memory);
            Assert.Equal(5, _memory[Word]);
        }
    }

    [Fact]
    public void Two_steps_that_have_read_the_same_and_then_other_words_are_no_steps_to_build_on()
    {
        Add(() => _ = _words[Word] + _words[Word + 2]);

        StepMemoException exception = Assert.Throws<StepMemoException>(() =>
            Add(() => _ = _words[Word] + _words[Word + 3]));
        Assert.Contains($"word {Word + 2} or {Word + 3}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nor_are_two_that_have_read_the_same_to_the_end()
    {
        Add(() => _ = _words[Word]);

        Assert.Throws<StepMemoException>(() => Add(() => _ = _words[Word] + _words[OtherWord]));
    }

    private int Add(Action step)
    {
        _log.Begin();
        step();
        _log.End();
        return _table.Add(Root, context: 0, _log, _memory, default);
    }
}
