package org.sallyport.cli;

import java.io.IOException;
import org.sallyport.spi.LoadLimits;
import org.sallyport.text.Wat;

/** From the binary format to the text format. */
final class Wasm2WatCommand extends Subcommand {
    Wasm2WatCommand() {
        super("wasm2wat", "Print a module in the text format.");
    }

    @Override
    void describe(Syntax syntax) {
        EngineOptions.describeFeatures(syntax);
        syntax.file("Module in binary format; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        byte[] binary = ModuleFile.read(line.file(), streams).binary();
        streams.out().print(Wat.print(Parts.load(binary, EngineOptions.features(line), LoadLimits.DEFAULT)));
        streams.out().flush();
        return ExitStatus.OK;
    }
}
