using System.CommandLine;
using System.Text.Json;
using Kmaplab.Allocator.Settings;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Commands.Lists;

/// <summary>Prints what changed in kmap from one release of Linux to the next.</summary>
internal sealed class ReleasesCommand()
    : LabCommand("releases", "List the releases of Linux that are ported, and what changed in each")
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    internal override int Run(Session session, ParseResult arguments) => Run(session.IsJson, session.Terminal.Out);

    private static int Run(bool json, TextWriter stdout)
    {
        if (json)
            stdout.WriteLine(JsonSerializer.Serialize(new { Releases = KernelRelease.All }, s_json));
        else
            WriteTable(stdout);

        return 0;
    }

    private static void WriteTable(TextWriter stdout)
    {
        stdout.WriteLine("release   kmap_atomic_pfn  changes");
        foreach (KernelRelease release in KernelRelease.All)
        {
            string pfn = release.HasKmapAtomicPfn ? "yes" : "no";
            string before = $"{release,-8}  {pfn,-15}  ";
            foreach (string change in release.Changes.DefaultIfEmpty("none"))
            {
                stdout.WriteLine(before + change);
                before = new string(' ', before.Length);
            }
        }

        stdout.WriteLine();
        stdout.WriteLine(
            "Locks, sleeping and waking are the same in all of them: a schedule found for one holds for all.");
    }
}
