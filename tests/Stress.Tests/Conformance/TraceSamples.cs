using System.Text;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Format;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>A small trace of each kind, in the very bytes a writer must produce once unwrapped.</summary>
internal static class TraceSamples
{
    /// <summary>One slot: task 1 sleeps, is woken, and gets the slot; the last step dies in an interrupt.</summary>
    public static string Coarse { get; } = Unwrap("""
        {"config":{"trace":"c","kind":"coarse","profile":"mixed","version":"v","last_pkmap":1,"n_pages":3,"n_tasks":2,
            "pkmap_base":4290772992,"page_shift":12,"smp":true,"state_encoding":"full","low_pages":{"2":3847159808}},
            "state":{"pkmap_count":[0],"last_pkmap_nr":0,"page_table":[-1],"page_address":{},"wait_queue":[],
            "flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["idle","idle"],"lock":null}}
        {"i":1,"task":0,"op":"kmap","page":0,"vaddr":4290772992,"blocked":false,"woken":[],"bug":null,
            "state":{"pkmap_count":[2],"last_pkmap_nr":0,"page_table":[0],"page_address":{"0":4290772992},
            "wait_queue":[],"flushes":1,"tlb_flushes":1,"wake_calls":0,"tasks":["idle","idle"],"lock":null}}
        {"i":2,"task":1,"op":"kmap","page":1,"vaddr":null,"blocked":true,"woken":[],"bug":null,
            "state":{"pkmap_count":[2],"last_pkmap_nr":0,"page_table":[0],"page_address":{"0":4290772992},
            "wait_queue":[1],"flushes":2,"tlb_flushes":2,"wake_calls":0,"tasks":["idle","asleep"],"lock":null}}
        {"i":3,"task":0,"op":"kunmap","page":0,"vaddr":null,"blocked":false,"woken":[1],"bug":null,
            "state":{"pkmap_count":[1],"last_pkmap_nr":0,"page_table":[0],"page_address":{"0":4290772992},
            "wait_queue":[1],"flushes":2,"tlb_flushes":2,"wake_calls":1,"tasks":["idle","ready"],"lock":null}}
        {"i":4,"task":0,"op":"kunmap","page":0,"vaddr":null,"blocked":false,"woken":[],"bug":"kunmap:in_interrupt",
            "irq":true,"state":{"pkmap_count":[1],"last_pkmap_nr":0,"page_table":[0],"page_address":{"0":4290772992},
            "wait_queue":[1],"flushes":2,"tlb_flushes":2,"wake_calls":1,"tasks":["dead","ready"],"lock":null}}
        {"end":"bug","steps":4}

        """);

    /// <summary>Two slots, written as changes; the second step takes a record away.</summary>
    public static string Delta { get; } = Unwrap("""
        {"config":{"trace":"d","kind":"coarse","profile":"inject","version":"v","last_pkmap":2,"n_pages":3,"n_tasks":1,
            "pkmap_base":4290772992,"page_shift":12,"smp":false,"state_encoding":"delta","low_pages":{}},
            "state":{"pkmap_count":[1,0],"last_pkmap_nr":0,"page_table":[2,-1],"page_address":{"2":4290772992},
            "wait_queue":[],"flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["idle"],"lock":null}}
        {"i":1,"task":0,"op":"kmap","page":1,"vaddr":4290777088,"blocked":false,"woken":[],"bug":null,
            "state":{"pkmap_count_set":[[1,2]],"last_pkmap_nr":1,"page_table_set":[[1,1]],"page_address_set":[[1,
            4290777088]],"wait_queue":[],"flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["idle"],"lock":null}}
        {"i":2,"task":0,"op":"kmap","page":0,"vaddr":4290772992,"blocked":false,"woken":[],"bug":null,
            "state":{"pkmap_count_set":[[0,2]],"last_pkmap_nr":0,"page_table_set":[[0,0]],"page_address_set":[[0,
            4290772992],[2,null]],"wait_queue":[],"flushes":1,"tlb_flushes":1,"wake_calls":0,"tasks":["idle"],
            "lock":null}}
        {"i":3,"task":null,"op":"poke","what":"pkmap_count","index":1,"value":-3,"vaddr":null,"blocked":false,
            "woken":[],"bug":null,"state":{"pkmap_count_set":[[1,-3]],"last_pkmap_nr":0,"page_table_set":[],
            "page_address_set":[],"wait_queue":[],"flushes":1,"tlb_flushes":1,"wake_calls":0,"tasks":["idle"],
            "lock":null}}
        {"i":4,"task":0,"op":"kmap","page":2,"vaddr":null,"blocked":false,"woken":[],"bug":null,"livelock":true,
            "state":{"pkmap_count_set":[],"last_pkmap_nr":0,"page_table_set":[],"page_address_set":[],"wait_queue":[],
            "flushes":9,"tlb_flushes":9,"wake_calls":0,"tasks":["dead"],"lock":0}}
        {"end":"livelock","steps":4}

        """);

    /// <summary>A move to the first lock, and one that spins on it.</summary>
    public static string Fine { get; } = Unwrap("""
        {"config":{"trace":"f","kind":"fine","profile":"random","version":"v","last_pkmap":1,"n_pages":1,"n_tasks":2,
            "pkmap_base":4290772992,"page_shift":12,"smp":true,"state_encoding":"full","low_pages":{},
            "programs":[[["kmap",0],["kunmap",0]],[]],"schedule":[0,0]},"state":{"pkmap_count":[0],"last_pkmap_nr":0,
            "page_table":[-1],"page_address":{},"wait_queue":[],"flushes":0,"tlb_flushes":0,"wake_calls":0,
            "tasks":["idle","idle"],"lock":null}}
        {"i":1,"task":0,"did":"begin","next":"lock","op":"kmap","page":0,"vaddr":null,"blocked":false,"woken":[],
            "bug":null,"state":{"pkmap_count":[0],"last_pkmap_nr":0,"page_table":[-1],"page_address":{},"wait_queue":[],
            "flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["ready","idle"],"lock":1}}
        {"i":2,"task":0,"did":"spin","next":"lock","op":"kmap","page":0,"vaddr":null,"blocked":false,"woken":[],
            "bug":null,"state":{"pkmap_count":[0],"last_pkmap_nr":0,"page_table":[-1],"page_address":{},"wait_queue":[],
            "flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["ready","idle"],"lock":1}}
        {"end":"deadlock","steps":2,"waiting":[{"task":0,"page":0}]}

        """);

    /// <summary>Direct calls on the page-to-address table; one chain ends up with two records.</summary>
    public static string Hash { get; } = Unwrap("""
        {"config":{"trace":"h","kind":"hash","profile":"direct","version":"v","last_pkmap":3,"n_pages":2,"n_tasks":1,
            "pkmap_base":4290772992,"page_shift":12,"smp":true,"state_encoding":"full","low_pages":{},"hash_shown":true,
            "page_ptr":[3245582592,3245582624],"hash_bits":7,"page_bucket":[8,107]},"state":{"pkmap_count":[0,0,0],
            "last_pkmap_nr":0,"page_table":[-1,-1,-1],"page_address":{},"wait_queue":[],"flushes":0,"tlb_flushes":0,
            "wake_calls":0,"tasks":["idle"],"lock":null,"buckets":{},"pool":[2,1,0]}}
        {"i":1,"task":0,"op":"set_page_address","page":0,"value":4290772992,"vaddr":null,"blocked":false,"woken":[],
            "bug":null,"state":{"pkmap_count":[0,0,0],"last_pkmap_nr":0,"page_table":[-1,-1,-1],
            "page_address":{"0":4290772992},"wait_queue":[],"flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["idle"],
            "lock":null,"buckets":{"8":[[0,4290772992,2]]},"pool":[1,0]}}
        {"i":2,"task":0,"op":"set_page_address","page":0,"value":4290777088,"vaddr":null,"blocked":false,"woken":[],
            "bug":null,"state":{"pkmap_count":[0,0,0],"last_pkmap_nr":0,"page_table":[-1,-1,-1],
            "page_address":{"0":4290777088},"wait_queue":[],"flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["idle"],
            "lock":null,"buckets":{"8":[[0,4290777088,1],[0,4290772992,2]]},"pool":[0]}}
        {"i":3,"task":0,"op":"clear_page_address","page":1,"vaddr":null,"blocked":false,"woken":[],"bug":null,
            "state":{"pkmap_count":[0,0,0],"last_pkmap_nr":0,"page_table":[-1,-1,-1],"page_address":{"0":4290777088},
            "wait_queue":[],"flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["idle"],"lock":null,"buckets":{"8":[[0,
            4290777088,1],[0,4290772992,2]]},"pool":[0]}}
        {"end":"ok","steps":3}

        """);

    /// <summary>A look-up that stops before a bucket's lock.</summary>
    public static string HashFine { get; } = Unwrap("""
        {"config":{"trace":"hf","kind":"hash-fine","profile":"fine-inner","version":"v","last_pkmap":1,"n_pages":1,
            "n_tasks":1,"pkmap_base":4290772992,"page_shift":12,"smp":true,"state_encoding":"full","low_pages":{},
            "hash_shown":true,"page_ptr":[3245582592],"hash_bits":7,"page_bucket":[8],"programs":[[["page_address",0]]],
            "schedule":[0]},"state":{"pkmap_count":[0],"last_pkmap_nr":0,"page_table":[-1],"page_address":{},
            "wait_queue":[],"flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["idle"],"lock":null,"buckets":{},
            "pool":[0]}}
        {"i":1,"task":0,"did":"begin","next":"bucket_lock","op":"page_address","page":0,"vaddr":null,"blocked":false,
            "woken":[],"bug":null,"state":{"pkmap_count":[0],"last_pkmap_nr":0,"page_table":[-1],"page_address":{},
            "wait_queue":[],"flushes":0,"tlb_flushes":0,"wake_calls":0,"tasks":["ready"],"lock":null,"buckets":{},
            "pool":[0]}}
        {"end":"stuck","steps":1,"lock_holder":0}

        """);

    /// <summary>Each of the four calls, the last one with a bug.</summary>
    public static string Atomic { get; } = Unwrap("""
        {"config":{"trace":"a","kind":"atomic","profile":"nest","version":"v","debug":true,"n_cpus":2,"n_pages":2,
            "page_shift":12,"page_pfn":[242433,79447],"low_pages":{"1":3546640384},"types":{"KM_USER0":1,"KM_USER1":3},
            "n_types":5,"fix_kmap_begin":2,"fixaddr_top":4294963200,"fixaddr_start":4294901760,"page_offset":3221225472,
            "pkmap_base":4286578688,"last_pkmap":1024},"state":{"entries":{},"preempt_count":[0,0],"tlb_one_flushes":0,
            "last_tlb_one":0,"resched_checks":0}}
        {"i":1,"cpu":0,"op":"kmap_atomic","page":0,"type":"KM_USER0","result":4294950912,"bug":null,
            "state":{"entries":{"1":242433},"preempt_count":[1,0],"tlb_one_flushes":1,"last_tlb_one":4294950912,
            "resched_checks":0}}
        {"i":2,"cpu":1,"op":"kmap_atomic_pfn","pfn":233280,"type":"KM_USER1","result":4294922240,"bug":null,
            "state":{"entries":{"1":242433,"8":233280},"preempt_count":[1,1],"tlb_one_flushes":2,
            "last_tlb_one":4294922240,"resched_checks":0}}
        {"i":3,"cpu":0,"op":"kmap_atomic_to_page","addr":4294950912,"result":242433,"bug":null,
            "state":{"entries":{"1":242433,"8":233280},"preempt_count":[1,1],"tlb_one_flushes":2,
            "last_tlb_one":4294922240,"resched_checks":0}}
        {"i":4,"cpu":0,"op":"kunmap_atomic","addr":4294922240,"type":"KM_USER0","result":null,
            "bug":"kunmap_atomic:wrong_slot","state":{"entries":{"1":242433,"8":233280},"preempt_count":[1,1],
            "tlb_one_flushes":2,"last_tlb_one":4294922240,"resched_checks":0}}
        {"end":"ok","steps":4}

        """);

    /// <summary>The end of a deadlock of whole operations, in place of another end.</summary>
    public static string DeadlockEnd { get; } = Unwrap("""
        {"end":"deadlock","steps":4,"waiting":[{"task":1,"page":1}],
            "slots":[{"slot":0,"page":0,"count":3,"holders":[0,0]}],"wait_for":{"1":[0]}}
        """);

    /// <summary>All samples by name.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["coarse"] = Coarse,
        ["deadlock"] = Coarse.Replace("""{"end":"bug","steps":4}""", DeadlockEnd),
        ["delta"] = Delta,
        ["fine"] = Fine,
        ["hash"] = Hash,
        ["hash-fine"] = HashFine,
        ["atomic"] = Atomic,
    };

    /// <summary>A reader over text.</summary>
    public static TraceReader Open(string text)
        => TraceReader.Open(new MemoryStream(Encoding.UTF8.GetBytes(text)), "x");

    /// <summary>Every step of a trace with a table; the reader then stands at the end.</summary>
    public static List<TraceStep> Steps(TraceReader reader)
    {
        var steps = new List<TraceStep>();
        while (reader.ReadStep() is TraceStep step)
            steps.Add(step);

        return steps;
    }

    /// <summary>Every step of an atomic trace; the reader then stands at the end.</summary>
    public static List<AtomicStep> AtomicSteps(TraceReader reader)
    {
        var steps = new List<AtomicStep>();
        while (reader.ReadAtomicStep() is AtomicStep step)
            steps.Add(step);

        return steps;
    }

    /// <summary>Reads a trace to its end for the sake of what may be wrong with it.</summary>
    public static void ReadAll(TraceReader reader)
    {
        using (reader)
        {
            int steps = reader.Config.Atomic is null ? Steps(reader).Count : AtomicSteps(reader).Count;
            if (steps != reader.End.Steps)
                throw new InvalidOperationException("the reader let a wrong number of steps pass");
        }
    }

    /// <summary>Joins indented lines to the one before.</summary>
    private static string Unwrap(string text) => text.Replace("\n    ", "", StringComparison.Ordinal);
}
