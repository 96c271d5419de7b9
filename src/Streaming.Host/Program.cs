Console.WriteLine("driftd");
