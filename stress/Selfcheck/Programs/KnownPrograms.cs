namespace Kmaplab.Stress.Selfcheck.Programs;

/// <summary>Small programs that show one thing each.</summary>
internal static class KnownPrograms
{
    internal static IReadOnlyList<string> All { get; } =
    [
        "store x 1; store x 2; load x a", // One thread.
        "store x 1; store x 2 | store y 1; store y 2", // Two that have nothing to do with each other.
        "load x a; load x b | load x a; load x b", // Nobody writes.
        "store x 1; load y a | store y 1; load x a", // Store buffering.
        "store x 1; store f 1 | load f a; load x b", // Message passing.
        "load x a; store y 1 | load y a; store x 1", // Load buffering.
        "store x 1 | store y 1 | load x a; load y b | load y a; load x b", // Independent reads of independent writes.
        "store x 1 | store x 2 | store x 3 | store x 4",
        "store x 1; store x 2 | store x 3; store x 4 | load x a", // Coherence.
        "load x a; store x a+1 | load x a; store x a+1", // A lost update.
        "load x a; store x a+1 | load x a; store x a+1 | load x a; store x a+1",
        "add x 1 a | add x 1 a | add x 1 a", // None is lost.
        "add x 1 a; store y a+0 | add x 2 a; store y a+5",
        "cas x 0 1 a | cas x 0 2 a | cas x 1 3 a",
        "cas x 0 1 a; exit-if a 1; cas x 2 3 b | cas x 0 2 a; exit-if a 1; cas x 1 3 b",
        "load h a; cas h 0 1 b; store n a+0 | load h a; cas h 0 2 b; store n a+0",
        "store x 1; store x 0 | load x a", // Written back: not another state.
        "x=5: load x a; store y a+1 | store x 7",
        "x=1 y=2: load x a; exit-if a 1; store y 3 | load y b; exit-unless b 2; store x 0",
        "load x a; exit-if a 0; store y 1 | store x 1",
        "load x a; exit-unless a 0; exit-if a 1; store x 2; load x a | store x 1; store x 0",
        "lock m; load x a; store x a+1; unlock m | lock m; load x a; store x a+1; unlock m",
        "lock m; unlock m | lock m; unlock m | lock m; unlock m",
        "lock m; add x 1 a; unlock m; load x b | lock m; store x 0; unlock m",
        "lock a; lock b; unlock b; unlock a | lock b; lock a; unlock a; unlock b", // May deadlock.
        "lock a; lock b; unlock b; unlock a | lock a; lock b; unlock b; unlock a",
        "lock a; lock b; unlock b; unlock a | lock b; lock c; unlock c; unlock b | lock c; lock a; unlock a; unlock "
        + "c", // Philosophers.
        "lock a; lock b; unlock b; unlock a | lock b; lock c; unlock c; unlock b | lock a; lock c; unlock c; unlock "
        + "a", // With left-handers.
        "lock m; lock m", // Waits for itself.
        "lock m | unlock m | lock m; unlock m", // Released by somebody else.
        "unlock m; lock m | lock m",
        "trylock m a; exit-unless a 1; store x 1; unlock m | trylock m a; exit-unless a 1; store x 2; unlock m",
        "trylock m a; store x a+0 | trylock m a; store y a+0",
        "lock m; store x 1; unlock m | trylock m a; exit-if a 0; load x b; unlock m",
        "store x 1; await y 1 | await x 1; store y 1", // A handshake.
        "await x 1 | store y 1", // What never comes.
        "store x 1; store x 2 | await x 1", // What is there for a moment.
        "add n 1 a; await n 2; store x 1 | add n 1 a; await n 2; load x b", // A barrier.
        "load q a; exit-if a 1; store s 1; await w 1 | store q 1; load s a; exit-unless a 1; store w "
        + "1", // A lost wake-up.
        "store s 1; load q a; exit-if a 1; await w 1 | store q 1; load s a; exit-unless a 1; store w 1", // And none.
        "store f 1; load g a; exit-if a 1; store x 1 | store g 1; load f a; exit-if a 1; store x 2", // Dekker.
        "add t 1 r; await s 0; store x 1; store s 1 | add t 1 r; await s 1; store x 2; store s 0", // Turns.
        "load i a; exit-if a 1; lock m; load i b; store i 1; unlock m | load i a; exit-if a 1; lock m; load i b; "
        + "store i 1; unlock m", // Double-checked locking.
        "exchange x 1 a; store y a+1 | exchange x 2 a",
        "await x > 0; store y 1 | add x 1 a; add x -1 a", // What is there for a moment, by comparison.
        "await x != 0; load y a | store y 1; store x 2",
        "s=1: down s; add x 1 a; up s | down s; add x 1 a; up s", // A semaphore.
        "await-add l >= 0 1; load x a; await-add l > 0 -1 | await-add l == 0 -1; store x 1; await-add l < 0 1",
        "load x a; jump-if a 1 over; store y 1; label over; store y 2 | store x 1",
        "load x a; set b 2; compute b a+1 * b+0; store y b+0 | store x 3",
    ];
}
