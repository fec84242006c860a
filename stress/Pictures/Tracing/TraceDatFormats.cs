namespace Kmaplab.Stress.Pictures.Tracing;

/// <summary>What a trace.dat says of its own pages and events, in the words of the kernel.</summary>
internal static class TraceDatFormats
{
    private const string Common =
        "format:\n"
        + "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
        + "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
        + "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
        + "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n";

    internal const string Print =
        "name: print\nID: 5\n" + Common
        + "\tfield:unsigned long ip;\toffset:8;\tsize:8;\tsigned:0;\n"
        + "\tfield:char buf[];\toffset:16;\tsize:0;\tsigned:0;\n\n"
        + "print fmt: \"%ps: %s\", (void *)REC->ip, REC->buf\n";

    internal const string Switch =
        "name: sched_switch\nID: 316\n" + Common
        + "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
        + "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
        + "\tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;\n"
        + "\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;\n"
        + "\tfield:char next_comm[16];\toffset:40;\tsize:16;\tsigned:0;\n"
        + "\tfield:pid_t next_pid;\toffset:56;\tsize:4;\tsigned:1;\n"
        + "\tfield:int next_prio;\toffset:60;\tsize:4;\tsigned:1;\n\n"
        + "print fmt: \"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s ==> "
        + "next_comm=%s next_pid=%d next_prio=%d\", "
        + "REC->prev_comm, REC->prev_pid, REC->prev_prio, "
        + "__print_symbolic(REC->prev_state, { 0, \"R\" }, { 2, \"D\" }, { 16, \"X\" }), "
        + "REC->next_comm, REC->next_pid, REC->next_prio\n";

    internal const string Waking =
        "name: sched_waking\nID: 317\n" + Common
        + "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
        + "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
        + "\tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;\n"
        + "\tfield:int target_cpu;\toffset:32;\tsize:4;\tsigned:1;\n\n"
        + "print fmt: \"comm=%s pid=%d prio=%d target_cpu=%03d\", "
        + "REC->comm, REC->pid, REC->prio, REC->target_cpu\n";

    internal const string HeaderPage =
        "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
        + "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
        + "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
        + "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n";

    internal const string HeaderEvent =
        "# compressed entry header\n"
        + "\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n\tarray       :   32 bits\n\n"
        + "\tpadding     : type == 29\n\ttime_extend : type == 30\n\ttime_stamp : type == 31\n"
        + "\tdata max type_len  == 28\n";
}
