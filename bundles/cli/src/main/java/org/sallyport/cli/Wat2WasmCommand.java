package org.sallyport.cli;

import java.io.IOException;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

/** From the text format to the binary format. */
final class Wat2WasmCommand extends Subcommand {
    Wat2WasmCommand() {
        super("wat2wasm", "Translate a module from the text format to the binary format.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.output("Where to write the module; - is standard output.");
        syntax.flag("--no-names", "Leave identifiers out instead of keeping them as names.");
        syntax.file("Module in text format; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        ModuleFile source = ModuleFile.read(line.file(), streams);
        WatOptions options = WatOptions.DEFAULT.withNames(!line.has("--no-names"));
        byte[] binary = Wat.compile(source.text(), source.name(), options);
        OutputFile.write(line.value("--output"), binary, streams);
        return ExitStatus.OK;
    }
}
