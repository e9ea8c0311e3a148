package org.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.util.jar.Manifest;
import org.sallyport.Config;
import org.sallyport.Engine;

/** Says what this is and what it runs on. */
final class VersionCommand extends Subcommand {
    VersionCommand() {
        super("version", "Show the version, Java's, and the back end that runs here.");
    }

    @Override
    void describe(Syntax syntax) {
        EngineOptions.describeBackEnd(syntax);
    }

    @Override
    int execute(Line line, Streams streams) {
        streams.out().println("sallyport " + version());
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        streams.out().println("java " + Runtime.version() + ", " + system);
        try (Engine engine = Engine.create(EngineOptions.withBackEnd(Config.defaults(), line))) {
            streams.out().println("back end: " + engine.backEnd());
        }
        return ExitStatus.OK;
    }

    /** The version of the artefact that this class is in, as Maven writes it, or what says that it is in none. */
    static String version() {
        String resource = VersionCommand.class.getSimpleName() + ".class";
        URL self = VersionCommand.class.getResource(resource);
        String url = String.valueOf(self);
        int inside = url.indexOf("!/");
        if (!url.startsWith("jar:") || inside < 0) {
            return "(development)";
        }
        try (InputStream in = URI.create(url.substring(0, inside) + "!/META-INF/MANIFEST.MF").toURL().openStream()) {
            String version = new Manifest(in).getMainAttributes().getValue("Implementation-Version");
            return version == null ? "(unknown)" : version;
        } catch (IOException e) {
            return "(unknown)";
        }
    }
}
