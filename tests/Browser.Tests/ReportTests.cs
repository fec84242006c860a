using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Commands;
using Microsoft.Playwright;

namespace Kmaplab.Browser.Tests;

/// <summary>The report of a schedule in a real browser: what is seen there is what the machine did.</summary>
public sealed partial class ReportTests(Chromium chromium, ReportPages pages)
    : IClassFixture<Chromium>, IClassFixture<ReportPages>
{
    private const int Wide = 1280;
    private const int High = 900;
    private const int Phone = 390;

    public static TheoryData<string> Races =>
        ["no-wakeup", "nested-exhaustion", "no-recheck", "lock-with-irqs-off", "wrong-km-type"];

    [Theory]
    [MemberData(nameof(Races))]
    public async Task A_report_opens_without_a_word_on_the_console_and_asks_for_nothing(string race)
    {
        var said = new List<string>();
        var asked = new List<string>();
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Wide, High);
        IPage page = await window.NewPageAsync();
        page.Console += (_, message) => said.Add(message.Text);
        page.PageError += (_, error) => said.Add(error);
        page.Request += (_, request) => asked.Add(request.Url);
        string address = pages.PageOf(race);
        await page.GotoAsync(address);
        await page.Keyboard.PressAsync("Home");
        await page.GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.Keyboard.PressAsync("End");

        Assert.Empty(said);
        Assert.Equal([address], asked.Where(request => !request.StartsWith("data:", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Races))]
    public async Task Stepping_there_and_back_shows_what_the_machine_holds(string race)
    {
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Wide, High);
        IPage page = await OpenAsync(window, race);
        List<Dictionary<string, string>> moments = MomentsOf(race);
        await page.Keyboard.PressAsync("Home");
        for (int moment = 0; moment < moments.Count; moment++)
        {
            await CheckAsync(moment);
            await page.Keyboard.PressAsync("ArrowRight");
        }

        for (int moment = moments.Count - 1; moment >= 0; moment--)
        {
            await CheckAsync(moment);
            await page.Keyboard.PressAsync("ArrowLeft");
        }

        async Task CheckAsync(int moment)
        {
            string[] titles = await page.EvalOnSelectorAllAsync<string[]>(
                ".cell", "cells => cells.map(cell => cell.title)");
            Assert.NotEmpty(titles);
            foreach (string title in titles)
            {
                Match cell = CellTitle().Match(title);
                Assert.True(cell.Success, title);
                Assert.Equal((moment, moments[moment][cell.Groups[1].Value]), (moment, cell.Groups[2].Value));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Races))]
    public async Task Arrows_begin_at_the_step_that_they_come_from_and_end_at_that_which_they_lead_to(string race)
    {
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Wide, High);
        IPage page = await OpenAsync(window, race);
        string[] wrong = await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('#timeline .arrow[data-from]')].flatMap(arrow => {
                const line = arrow.getTotalLength();
                const ends = [[arrow.dataset.from, arrow.getPointAtLength(0)], [arrow.dataset.to, arrow.getPointAtLength(line)]];
                return ends.filter(([number, point]) => {
                    if (number === '0') return false;
                    const step = document.querySelector(`#timeline .step[data-number="${number}"]`).getBBox();
                    const middle = step.x + step.width / 2;
                    const edge = Math.min(Math.abs(point.y - step.y), Math.abs(point.y - step.y - step.height));
                    return Math.abs(point.x - middle) > 1 || edge > 1;
                }).map(([number]) => `${arrow.dataset.from} -> ${arrow.dataset.to} at ${number}`);
            })
            """);

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_cell_leads_to_the_step_that_wrote_it_last()
    {
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Wide, High);
        IPage page = await OpenAsync(window, "no-wakeup");
        ILocator cell = page.Locator(".cell[data-step]").First;
        string step = (await cell.GetAttributeAsync("data-step"))!;
        await cell.ClickAsync();

        Assert.Equal(step, await page.EvaluateAsync<string>("() => `${kmaplab.cursor}`"));
        Assert.Equal(step, await page.Locator("#step-table tr.here").GetAttributeAsync("data-number"));
    }

    [Fact]
    public async Task The_keyboard_alone_reaches_everything()
    {
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Wide, High);
        IPage page = await OpenAsync(window, "no-wakeup");
        int all = await page.EvaluateAsync<int>(
            "() => [...document.querySelectorAll('button, input, [tabindex=\"0\"]')].filter(one => one.checkVisibility()).length");
        var reached = new HashSet<string>();
        for (int i = 0; i < all + 5; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(await page.EvaluateAsync<string>(
                "() => `${[...document.querySelectorAll('*')].indexOf(document.activeElement)}`"));
        }

        Assert.True(reached.Count >= all, $"{reached.Count} of {all}");
    }

    [Fact]
    public async Task Search_finds_steps_and_the_critical_pair_is_a_key_away()
    {
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Wide, High);
        IPage page = await OpenAsync(window, "no-wakeup");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("add_wait_queue");
        Assert.Equal("1 step", await page.Locator("#found").TextContentAsync());
        await page.Keyboard.PressAsync("Enter");
        Assert.Contains("add_wait_queue(pkmap_map_wait)", await page.Locator("#step-table tr.here").TextContentAsync(), StringComparison.Ordinal);

        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("c");
        Assert.Contains("critical pair", await page.Locator("#step-table tr.here").TextContentAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-wakeup", Wide, ColorScheme.Light)]
    [InlineData("no-wakeup", Wide, ColorScheme.Dark)]
    [InlineData("no-wakeup", Phone, ColorScheme.Light)]
    [InlineData("lock-with-irqs-off", Wide, ColorScheme.Light)]
    [InlineData("wrong-km-type", Wide, ColorScheme.Dark)]
    public async Task Axe_finds_nothing_that_shuts_people_out(string race, int width, ColorScheme colors)
    {
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(width, High, colors);
        IPage page = await OpenAsync(window, race);
        AxeResult result = await page.RunAxe();

        Assert.Empty(result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"));
    }

    [Theory]
    [MemberData(nameof(Races))]
    public async Task On_a_phone_nothing_is_wider_than_the_screen(string race)
    {
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Phone, High);
        IPage page = await OpenAsync(window, race);

        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
    }

    [Fact]
    public async Task Ten_thousand_steps_are_drawn_only_where_they_are_seen_and_a_step_is_quick()
    {
        await using IBrowserContext window = await chromium.OpenOrSkipAsync(Wide, High);
        IPage page = await window.NewPageAsync();
        await page.GotoAsync(pages.PageOf(
            "ten-thousand", "churn", "--variant", "no-wakeup", "--tasks", "6", "--slots", "4", "--rounds", "430", "--pages", "8"));
        int steps = await page.EvaluateAsync<int>("() => kmaplab.data.steps.length");
        int drawn = await page.EvaluateAsync<int>("() => document.querySelectorAll('#timeline rect').length");
        double[] times = await page.EvaluateAsync<double[]>(
            """
            () => Array.from({ length: 41 }, (_, i) => {
                const from = performance.now();
                kmaplab.goTo(kmaplab.data.steps.length - i);
                return performance.now() - from;
            }).sort((a, b) => a - b)
            """);

        Assert.True(steps > 10_000);
        Assert.True(drawn < 5_000, $"{drawn} rectangles");
        Assert.True(times[20] < 50, $"a step takes {times[20]} ms"); // 16 ms where nothing else runs; here others may.
    }

    private async Task<IPage> OpenAsync(IBrowserContext window, string race)
    {
        IPage page = await window.NewPageAsync();
        await page.GotoAsync(pages.PageOf(race));
        return page;
    }

    /// <summary>What a machine holds at first, and after each step; nothing of it comes from the page.</summary>
    private List<Dictionary<string, string>> MomentsOf(string race)
    {
        var catalogue = new ScenarioCatalogue(typeof(LabProgram).Assembly);
        Schedule schedule = new ScheduleFile("kmaplab").Load(pages.ScheduleOf(race));
        var log = new CellLog();
        new Replay(new Machine(catalogue.Resolve(schedule).Boot()), log).Run(schedule.Transitions, schedule.Verdict);
        return log.Moments;
    }

    [GeneratedRegex("^(.+?): (.*); last written: ")]
    private static partial Regex CellTitle();

    private sealed class CellLog : IExecutionObserver
    {
        internal List<Dictionary<string, string>> Moments { get; } = [];

        public void OnBegin(Machine machine) => Add(machine);

        public void OnPerformed(Machine machine, int step, Transition choice) => Add(machine);

        private void Add(Machine machine) => Moments.Add(new MemoryChanges(machine).Cells()
            .Where(cell => cell.Role == RegionRole.Kernel)
            .ToDictionary(cell => cell.Name, cell => cell.Text));
    }
}
