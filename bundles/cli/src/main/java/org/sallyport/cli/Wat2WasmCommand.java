package org.sallyport.cli;

import java.io.IOException;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

/** From the text format to the binary format. */
final class Wat2WasmCommand extends Subcommand {
    private static final String OUTPUT = "--output";

    Wat2WasmCommand() {
        super("wat2wasm", "Translate a module from the text format to the binary format.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.output("Where to write the module; - is standard output. Without it NAME.wasm in the current"
                + " directory.");
        syntax.flag("--no-names", "Leave identifiers out instead of keeping them as names.");
        syntax.file("Module in text format; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        String output = line.has(OUTPUT) ? line.value(OUTPUT) : CompileCommand.usualName(line.file(), ".wasm");
        if (!line.has(OUTPUT) && output.equals(line.file())) {
            throw new UsageException(HostText.shown(output) + " is the text itself: say with -o where the module goes");
        }
        ModuleFile source = ModuleFile.read(line.file(), streams);
        WatOptions options = WatOptions.DEFAULT.withNames(!line.has("--no-names"));
        byte[] binary = Wat.compile(source.text(), source.name(), options);
        OutputFile.write(output, binary, streams);
        return ExitStatus.OK;
    }
}
