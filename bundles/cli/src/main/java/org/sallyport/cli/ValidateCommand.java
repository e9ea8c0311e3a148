package org.sallyport.cli;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.sallyport.SallyportException;
import org.sallyport.spi.LoadLimits;
import org.sallyport.wasm.Feature;

/** Says of each file whether it holds a valid module. Compiles nothing. */
final class ValidateCommand extends Subcommand {
    ValidateCommand() {
        super("validate", "Check modules against the specification.");
    }

    @Override
    void describe(Syntax syntax) {
        EngineOptions.describeFeatures(syntax);
        syntax.flag("--quiet", "Say nothing of valid modules.");
        syntax.files("Modules in binary or text format; - is standard input.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        Set<Feature> features = EngineOptions.features(line);
        int status = ExitStatus.OK;
        List<String> files = line.parameters();
        for (String file : files) {
            try {
                byte[] binary = ModuleFile.read(file, streams).binary();
                Parts.validate(binary, features, LoadLimits.DEFAULT);
                if (!line.has("--quiet")) {
                    streams.out().println(file + ": valid");
                }
            } catch (SallyportException | FailureException e) {
                streams.err().println("sallyport: " + file + ": " + e.getMessage());
                status = ExitStatus.FAILURE;
            } catch (IOException e) {
                streams.err().println("sallyport: " + Failures.reason(e));
                status = ExitStatus.FAILURE;
            }
        }
        return status;
    }
}
