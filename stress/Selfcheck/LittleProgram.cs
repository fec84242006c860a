using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>
/// Tasks that do what breaks reductions if nobody looks: they look into lock sections without the lock, they tell tasks
/// apart that were declared alike, they stand in the same function of two objects. It is not in the catalogue.
/// </summary>
/// <remarks>
/// The capital letters do something; E, e, p, q, Y and y judge what they see, so that a state that was left out is a
/// verdict that is wrong. What a task reads it remembers, so that an order that was left out is an end that is missing.
/// </remarks>
internal sealed class LittleProgram<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private readonly SpinLock<TKernel>[] _locks = new SpinLock<TKernel>[2];
    private readonly Shared<TKernel>[] _guarded = new Shared<TKernel>[2]; // By the lock of the same number.
    private readonly Gate<TKernel>[] _gates = new Gate<TKernel>[2];
    // One array says that it has an element per task.
    private readonly SharedArray<TKernel>[] _flags = new SharedArray<TKernel>[2];
    private Act[][] _tasks = [];
    private SpinLock<TKernel> _inner;
    private Shared<TKernel> _underInner;
    private WaitQueue<TKernel> _queue;
    private SharedArray<TKernel> _words; // Plainly accessed, and nothing says that they are guarded.
    private SharedArray<TKernel> _marked;
    private SharedArray<TKernel> _remembered;
    private Shared<TKernel> _signed;
    private TKernel _kernel;

    /// <inheritdoc/>
    public override int Tasks(ScenarioSize size) => LittleText.Read(size.Script).Length;

    /// <inheritdoc/>
    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _kernel = boot.Kernel;
        _tasks = LittleText.Read(size.Script);
        for (int i = 0; i < 2; i++)
        {
            _locks[i] = SpinLock<TKernel>.Create(boot, $"lock{i}");
            _guarded[i] = Shared<TKernel>.Create(boot, $"guarded{i}", _locks[i].Number);
            _flags[i] = SharedArray<TKernel>.Create(
                boot,
                $"flags{i}",
                _tasks.Length,
                Protection.None,
                index: i == 0 ? IndexSort.Task : IndexSort.None);
        }

        _inner = SpinLock<TKernel>.Create(boot, "inner", LockRank.Inner);
        _underInner = Shared<TKernel>.Create(boot, "under_inner", _inner.Number);
        _queue = WaitQueue<TKernel>.Create(boot, "queue");
        _words = SharedArray<TKernel>.Create(boot, "words", 2, Protection.None, role: RegionRole.Bookkeeping);
        _marked = SharedArray<TKernel>.Create(boot, "marked", 2, Protection.None, role: RegionRole.Bookkeeping);
        _signed = Shared<TKernel>.Create(boot, "signed", Protection.None, role: RegionRole.Bookkeeping);
        _remembered = SharedArray<TKernel>.Create(
            boot,
            "remembered",
            _tasks.Length,
            Protection.None,
            index: IndexSort.Task,
            role: RegionRole.Private);
        for (int i = 0; i < 2; i++)
            _gates[i] = new Gate<TKernel>(boot, _locks[0], isOpen: i == 0);

        for (int task = 0; task < _tasks.Length; task++)
            boot.Spawn("little", Run);

        if (LittleText.IsAlike(size.Script))
            boot.DeclareInterchangeable(firstTask: 0, _tasks.Length, firstPage: 0, pagesEach: 0);
    }

    private int Me => _kernel.CurrentTask.Number;

    private async KernelTask Run()
    {
        for (int i = 0; i < _tasks[Me].Length; i++)
            await Perform(_tasks[Me][i]);
    }

    private async KernelTask Perform(Act act)
    {
        int which = act.Which;
        switch (act.Kind)
        {
            case 'L':
                await _locks[which].Acquire();
                break;
            case 'U':
                await _locks[which].Release();
                break;
            case 'T':
                bool isTaken = await _locks[which].TryAcquire();
                Remember(isTaken ? 1 : 0);
                if (isTaken)
                    await _locks[which].Release();

                break;
            case 'O':
                Remember(_locks[which].IsLocked ? 1 : 0);
                break;
            case 'I':
                await _inner.Acquire();
                _underInner.Value = (_underInner.Value * 3) + Me + 1;
                await _inner.Release();
                break;
            case 'J':
                await _queue.Add();
                break;
            case 'V':
                await _queue.Remove();
                break;
            case 'C':
                int chosen = await _kernel.Choose(2);
                Remember(chosen);
                break;
            default:
                await PerformAccess(act.Kind, which);
                break;
        }
    }

    private async KernelTask PerformAccess(char kind, int which)
    {
        switch (kind)
        {
            case 'S':
                _words[which] = 1;
                break;
            case 'Z':
                _words[which] = 0;
                break;
            case 'A':
                _words[which] = (_words[which] * 3) + Me + 1;
                break;
            case 'X':
                await _words.WriteOnce(which, Me + 5);
                break;
            case 'G':
                _guarded[which].Value = 1;
                break;
            case 'g':
                _guarded[which].Value = 0;
                break;
            case 'R':
                int read = await _marked.ReadOnce(which);
                Remember(read);
                break;
            case 'W':
                await _marked.WriteOnce(which, Me + 5);
                break;
            case 'F':
                int before = await _marked.FetchAdd(which, 1);
                Remember(before);
                break;
            case 'H':
                await _flags[which].WriteOnce(Me, 1);
                break;
            case 'M':
                await _signed.WriteOnce(Me + 1);
                break;
            default:
                await PerformLook(kind, which);
                break;
        }
    }

    private async KernelTask PerformLook(char kind, int which)
    {
        switch (kind)
        {
            case 'P':
                Remember(_words.Peek(which));
                break;
            case 'K':
                Remember(_underInner.Peek);
                break;
            case 'Q':
                Remember(_queue.IsActive ? 1 : 0);
                break;
            case 'E':
                JudgeIf(_words.Peek(which) == 1);
                break;
            case 'e':
                int word = await _words.ReadOnce(which);
                JudgeIf(word == 1);
                break;
            case 'p':
                JudgeIf(_guarded[which].Peek == 1);
                break;
            case 'q':
                int guarded = await _guarded[which].ReadOnce();
                JudgeIf(guarded == 1);
                break;
            case 'Y': // The last task alone minds.
                int flag = await _flags[which].ReadOnce(0);
                JudgeIf(flag == 1 && Me == _tasks.Length - 1);
                break;
            case 'y':
                int signed = await _signed.ReadOnce();
                JudgeIf(signed == _tasks.Length);
                break;
            case 'D':
                int choice = await _marked.ReadOnce(0);
                await _gates[choice == 0 ? 0 : 1].Pass();
                break;
            default:
                throw new InvalidOperationException($"a little program has no '{kind}'");
        }
    }

    private void JudgeIf(bool isWrong)
    {
        if (isWrong)
            _kernel.Fail(FailureClass.Assertion, "seen");
    }

    // Order matters, and nobody else looks at it.
    private void Remember(int value) => _remembered[Me] = (_remembered[Me] * 5) + value + 1;
}
