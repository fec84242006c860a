using System.Security.Cryptography;
using System.Text;

namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>The page that asks a coordinator every second how far it is.</summary>
internal static class DashboardPage
{
    private const string Style = """
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid #8886; }
        th:first-child, td:first-child { text-align: left; }
        td { font-variant-numeric: tabular-nums; }
        progress { width: 100%; }
        """;

    // What workers call themselves is text, whatever it looks like.
    private const string Script = """
        const put = (id, text) => { document.getElementById(id).textContent = text; };
        const number = value => Math.round(value).toLocaleString('en');
        const time = s => s < 90 ? number(s) + ' s' : s < 5400 ? number(s / 60) + ' min' : (s / 3600).toFixed(1) + ' h';
        const row = cells => {
          const tr = document.createElement('tr');
          for (const cell of cells) tr.appendChild(document.createElement('td')).textContent = cell;
          return tr;
        };
        const show = p => {
          const left = p.secondsLeft === null || p.left === 0 ? '' : ', about ' + time(p.secondsLeft) + ' left';
          put('far', `${number(p.finished)} of ${number(p.pieces)} pieces after ${time(p.seconds)}${left}`);
          const bar = document.getElementById('bar');
          bar.max = p.pieces;
          bar.value = p.finished + p.setAside;
          put('work', `${number(p.left)} pieces left, ${p.leased} in work, ${p.setAside} set aside; `
            + `${p.failures} errors, ${p.expired} leases ran out`);
          put('found', `${number(p.executions)} executions, ${number(p.states)} states, `
            + `${p.fingerprints} kinds of failure`);
          put('risk', p.risk === null ? '' : 'A failure that is still missed: at most 1 in '
            + `${number(1 / p.risk.atMost)} executions (the worst of ${p.risk.targets} targets without one; `
            + '95 % sure)');
          document.getElementById('workers').replaceChildren(...p.workers.map(w => row([w.name, number(w.finished),
            number(w.executionsPerSecond), number(w.statesPerSecond), w.leased, number(w.silentSeconds) + ' s ago'])));
        };
        const ask = async () => {
          try { show(await (await fetch('progress')).json()); put('away', ''); }
          catch { put('away', 'The coordinator does not answer: it has ended, or is gone.'); }
          setTimeout(ask, 1000);
        };
        ask();
        """;

    /// <summary>The page.</summary>
    internal const string Text = $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>kmaplab: a campaign</title>
        <meta name="viewport" content="width=device-width">
        <link rel="icon" href="data:,">
        <style>{{Style}}</style>
        </head>
        <body>
        <h1>Campaign</h1>
        <p id="away" role="status"></p>
        <p id="far"></p>
        <progress id="bar" aria-label="pieces that are done"></progress>
        <p id="work"></p>
        <p id="found"></p>
        <p id="risk"></p>
        <table>
        <thead><tr><th>worker<th>pieces<th>executions/s<th>states/s<th>in work<th>heard of</tr></thead>
        <tbody id="workers"></tbody>
        </table>
        <script>{{Script}}</script>
        </body>
        </html>

        """;

    /// <summary>What a browser may do with it: nothing but this style, this script, and asking again.</summary>
    internal static string Policy { get; } =
        "default-src 'none'; connect-src 'self'; img-src data:; "
        + $"style-src '{HashOf(Style)}'; script-src '{HashOf(Script)}'";

    private static string HashOf(string text) =>
        $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
