package org.sallyport.cli;

import java.io.IOException;
import org.sallyport.spi.LoadLimits;
import org.sallyport.text.Wat;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** From the binary format to the text format. */
final class Wasm2WatCommand extends Subcommand {
    Wasm2WatCommand() {
        super("wasm2wat", "Print a module in the text format.");
    }

    @Override
    void describe(CommandSpec spec) {
        EngineOptions.describeFeatures(spec);
        spec.addPositional(parameter("0", "1", "FILE", "Module in binary format; - is standard input."));
    }

    @Override
    int execute(ParseResult line, Streams streams) throws IOException {
        byte[] binary = ModuleFile.read(line.matchedPositionalValue(0, ""), streams).binary();
        streams.out().print(Wat.print(Parts.load(binary, EngineOptions.features(line), LoadLimits.DEFAULT)));
        streams.out().flush();
        return ExitStatus.OK;
    }
}
