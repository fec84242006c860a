using System.Net;
using System.Text;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>Shows how far a campaign is to a browser on this machine, and to nobody else.</summary>
/// <remarks>
/// It only tells, and takes nothing. Whoever asks for another name than this machine's own gets no answer, so that no
/// page of somebody else can read it under a name that leads here.
/// </remarks>
internal sealed class CampaignDashboard : IDisposable
{
    private const string Progress = "/progress";

    private readonly Func<CampaignProgress> _progress;
    private readonly HttpListener _listener;
    private readonly Task _answers;

    private CampaignDashboard(HttpListener listener, Func<CampaignProgress> progress)
    {
        _listener = listener;
        _progress = progress;
        _answers = Task.Run(AnswerAll);
    }

    /// <summary>Where it is.</summary>
    internal static string AddressOf(int port) => $"http://127.0.0.1:{port}/";

    /// <summary>Begins to answer.</summary>
    /// <exception cref="UsageException">The port is in use.</exception>
    internal static CampaignDashboard Start(int port, Func<CampaignProgress> progress)
    {
        var listener = new HttpListener();
        listener.Prefixes.Add(AddressOf(port));
        try
        {
            listener.Start();
        }
        catch (HttpListenerException exception)
        {
            throw new UsageException(
                $"--dashboard {port}: cannot listen there ({Finding.FirstLineOf(exception.Message)}): give another "
                + "port");
        }

        return new CampaignDashboard(listener, progress);
    }

    public void Dispose()
    {
        _listener.Close();
        _answers.Wait();
    }

    private async Task AnswerAll()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            try
            {
                await Answer(context.Request, context.Response);
            }
            catch (Exception exception)
                when (exception is IOException or HttpListenerException or ObjectDisposedException)
            {
                // Who asked is gone.
            }
        }
    }

    private async Task Answer(HttpListenerRequest request, HttpListenerResponse response)
    {
        (string kind, string text) = (request.HttpMethod, request.Url?.AbsolutePath) switch
        {
            ("GET", "/") => ("text/html", DashboardPage.Text),
            ("GET", Progress) => ("application/json", CampaignWatch.LineOf(_progress())),
            _ => ("", ""),
        };
        response.Headers["Content-Security-Policy"] = DashboardPage.Policy;
        response.Headers["X-Content-Type-Options"] = "nosniff";
        response.Headers["Cache-Control"] = "no-store";
        if (kind.Length == 0)
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
            response.Close();
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        response.ContentType = $"{kind}; charset=utf-8";
        response.ContentLength64 = bytes.Length;
        await response.OutputStream.WriteAsync(bytes);
        response.Close();
    }
}
