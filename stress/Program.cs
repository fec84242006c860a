using Kmaplab.Stress.Commands;

return LabProgram.RunProcess(args);
