package org.sallyport.cli;

import java.io.IOException;
import java.util.Set;
import org.sallyport.LoadLimits;
import org.sallyport.text.Wat;
import org.sallyport.wasm.Feature;

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
        ModuleFile source = ModuleFile.read(line.file(), streams);
        byte[] binary = source.binary();
        Set<Feature> features = EngineOptions.features(line);
        streams.out().print(source.named(() -> Wat.print(Parts.load(binary, features, LoadLimits.DEFAULT))));
        return ExitStatus.OK;
    }
}
