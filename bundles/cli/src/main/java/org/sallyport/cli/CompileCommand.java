package org.sallyport.cli;

import java.io.IOException;
import org.sallyport.BackEndKind;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Module;

/** Compiles ahead of time; {@code run} takes the result, on this machine and for this user. */
final class CompileCommand extends Subcommand {
    private static final String OUTPUT = "--output";

    CompileCommand() {
        super("compile", "Compile a module for later runs by the same user on the same kind of machine.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.output("Where to write the artefact; - is standard output. Without it NAME.cwasm in the current"
                + " directory.");
        EngineOptions.describe(syntax);
        syntax.file("Module in binary or text format; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        String output = line.has(OUTPUT) ? line.value(OUTPUT) : usualName(line.file(), ".cwasm");
        Config asked = EngineOptions.config(line);
        if (asked.backEnd() == BackEndKind.PORTABLE) {
            throw new UsageException("artefacts are machine code: there are none of the portable back end");
        }
        Config config = asked.withBackEnd(BackEndKind.NATIVE);
        ModuleFile source = ModuleFile.read(line.file(), streams);
        byte[] binary = source.binary();
        try (Engine engine = Engine.create(config);
                LongWork _ = LongWork.begin("compiling " + source.shortName(), streams);
                Module module = source.named(() -> engine.compile(binary, source.shortName()))) {
            byte[] artefact = module.serialize(KeyFile.ofUser().readOrCreate());
            OutputFile.write(output, ArtefactFile.wrap(artefact), streams);
        }
        return ExitStatus.OK;
    }

    /** As Wasmtime has it: the last part of the name with another ending, where the user is. */
    static String usualName(String file, String ending) {
        if (file.equals("-")) {
            throw new UsageException("standard input has no name: say with -o where the result goes");
        }
        String last = file.substring(file.lastIndexOf('/') + 1);
        int dot = last.lastIndexOf('.');
        return (dot > 0 ? last.substring(0, dot) : last) + ending;
    }
}
