using System.Text.Json;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Tests.Commands;
using Kmaplab.Stress.Tests.Conformance;

namespace Kmaplab.Stress.Tests.Oracle;

/// <summary>FILE.json#NAME in the place of a scenario.</summary>
public sealed class ProgramCommandTests : CommandLineTest
{
    private const string Crossed = """
        [{"name":"right","threads":[[["lock","m"],["unlock","m"]],[["lock","m"],["unlock","m"]]]},
        {"name":"crossed/2","threads":[[["lock","a"],["lock","b"],["unlock","b"],["unlock","a"]],
        [["lock","b"],["lock","a"],["unlock","a"],["unlock","b"]]]}]
        """;

    [Fact]
    public void A_program_is_explored_verified_replayed_and_minimized_like_a_scenario()
    {
        string target = $"{Write(Crossed)}#crossed/2";
        JsonElement found = RunForJson(ExitCode.Failure, "explore", target);
        Assert.Equal(target, found.GetProperty("target").GetString());
        JsonElement failure = found.GetProperty("failure");
        Assert.Equal("deadlock", failure.GetProperty("class").GetString());
        string schedule = failure.GetProperty("schedule").GetString()!;
        Assert.StartsWith("crossed-2-deadlock-1-", Path.GetFileName(schedule), StringComparison.Ordinal);

        Assert.Equal("violated", RunForJson(ExitCode.Failure, "verify", target).GetProperty("verdict").GetString());
        Assert.True(RunForJson(ExitCode.Clean, "replay", schedule).GetProperty("reproduced").GetBoolean());
        Assert.Equal(ExitCode.Clean, Run("replay", failure.GetProperty("token").GetString()!));
        JsonElement minimal = RunForJson(ExitCode.Clean, "minimize", schedule);
        Assert.Equal(1, minimal.GetProperty("after").GetProperty("preemptions").GetInt32());
    }

    [Fact]
    public void What_is_told_of_a_schedule_of_a_program_names_the_program()
    {
        string target = $"{Write(Crossed)}#crossed/2";
        string schedule = Failing(target[..^"#crossed/2".Length], "crossed/2");

        Assert.Equal(ExitCode.Clean, Run("replay", schedule));
        Assert.StartsWith($"{target}: reproduced deadlock", Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Clean, Run("minimize", schedule));
        Assert.StartsWith($"{target}: deadlock", Out, StringComparison.Ordinal);
        JsonElement minimal = RunForJson(ExitCode.Clean, "minimize", schedule);
        Assert.Equal(target, minimal.GetProperty("target").GetString());
        Assert.StartsWith(
            "crossed-2-deadlock-minimal",
            Path.GetFileName(minimal.GetProperty("schedule").GetString()!),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_refuse_programs_in_one_line()
    {
        string file = Write(Crossed);
        foreach (string target in (string[])[$"{file}#right", file, "program"])
        {
            AssertRefused(
                $"{target} is a program of a file, and those run on the simulated machine only: explore or verify it",
                "soak",
                target);
        }
    }

    [Fact]
    public void A_program_that_is_right_is_verified_with_the_states_of_the_language()
    {
        JsonElement report = RunForJson(ExitCode.Clean, "verify", $"{Write(Crossed)}#right");

        Assert.Equal("verified", report.GetProperty("verdict").GetString());
        Assert.Equal(8, report.GetProperty("states").GetInt64());
        Assert.Equal(8, report.GetProperty("transitions").GetInt64());
    }

    [Theory]
    [InlineData("programs.json")]
    [InlineData("peers.json")]
    public void Every_shared_program_has_the_verdict_and_the_states_that_were_counted(string file)
    {
        string path = Path.Combine(SharedFolder.Require("oracle"), file);
        Assert.All(Stress.Oracle.Reading.OracleReader.ReadFile(path), program =>
        {
            bool isRight = program.Expect.DeadlockStates == 0;
            int code = isRight ? ExitCode.Clean : ExitCode.Failure;
            JsonElement report = RunForJson(code, "verify", $"{path}#{program.Name}");
            Assert.Equal(isRight ? "verified" : "violated", report.GetProperty("verdict").GetString());
            if (!isRight)
                return;

            Assert.Equal(program.Expect.States, report.GetProperty("states").GetInt64());
            Assert.Equal(program.Expect.Transitions, report.GetProperty("transitions").GetInt64());
        });
    }

    [Fact]
    public void A_schedule_of_a_program_that_has_changed_is_refused_in_one_line()
    {
        string file = Write(Crossed);
        string schedule = Failing(file, "crossed/2");
        Write(Crossed.Replace("[\"lock\",\"b\"],[\"unlock\",\"b\"],", "", StringComparison.Ordinal));

        Assert.Equal(ExitCode.Usage, Run("replay", schedule));
        Assert.StartsWith(
            $"kmaplab: the program 'crossed/2' of {file} is another one now (", Error, StringComparison.Ordinal);

        // Another layout, and other answers, are no other program.
        Write(Crossed.Replace(",", " , ", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Clean, Run("replay", schedule));
    }

    [Fact]
    public void A_file_of_programs_is_found_where_it_was_or_beside_the_schedule_and_else_missed_in_one_line()
    {
        string file = Write(Crossed);
        string schedule = Failing(file, "crossed/2");
        string elsewhere = Directory.CreateDirectory(Path.Combine(Folder, "sent")).FullName;
        string sent = Path.Combine(elsewhere, "s.schedule");
        File.Move(schedule, sent);
        File.Move(file, Path.Combine(elsewhere, "programs.json"));
        Assert.Equal(ExitCode.Clean, Run("replay", sent));

        File.Delete(Path.Combine(elsewhere, "programs.json"));
        AssertRefused(
            $"there is no file '{file}' of programs here: name it as it is seen from this folder", "replay", sent);
    }

    [Fact]
    public void What_names_no_program_is_refused_in_one_line()
    {
        string file = Write(Crossed);
        AssertRefused($"{file} is a file of programs: say which one, like '{file}#right'", "explore", file);
        AssertRefused(
            $"{file} has no program 'rigth', did you mean 'right'? (it has 2, the first is 'right')",
            "verify",
            $"{file}#rigth");
        AssertRefused(
            "there is no file 'nowhere.json' of programs here: name it as it is seen from this folder",
            "explore",
            "nowhere.json#p");
        AssertRefused(
            "a program has no port that a variant could replace: leave out --variant",
            "explore",
            $"{file}#right",
            "--variant",
            "no-wakeup");
        AssertRefused("say which program: FILE.json#NAME in the place of 'program'", "explore", "program");
    }

    [Fact]
    public void What_is_not_understood_is_refused_with_its_file_program_thread_and_instruction()
    {
        string file = Write("""[{"name":"p","threads":[[["store","x",1]],[["store","x",1],["fence"]]]}]""");

        AssertRefused(
            $"{file}: program 'p', thread 1, instruction 1: unknown instruction 'fence'", "explore", $"{file}#p");
    }

    [Fact]
    public void A_program_that_loops_without_a_step_is_reported_and_does_not_hang()
    {
        string file = Write("""[{"name":"p","threads":[[["store","x",1],["label","l"],["jump","l"]]]}]""");

        JsonElement report = RunForJson(ExitCode.Failure, "verify", $"{file}#p");

        Assert.Equal("livelock", report.GetProperty("failure").GetProperty("class").GetString());
    }

    private string Failing(string file, string program)
    {
        Assert.Equal(ExitCode.Failure, Run("explore", $"{file}#{program}", "--no-minimize"));
        return Directory.GetFiles(Folder, "*.schedule").Single();
    }

    private string Write(string programs)
    {
        string file = Path.Combine(Folder, "programs.json");
        File.WriteAllText(file, programs);
        return file;
    }
}
