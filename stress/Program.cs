using System.Reflection;

string version = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);
Console.WriteLine($"kmaplab {version}");
