package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Path;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/** A recording of JDK Flight Recorder. Apart: Java may run without it. */
final class FlightFile {
    private FlightFile() {}

    /** @throws FailureException if this Java has no Flight Recorder */
    static AutoCloseable begin() {
        try {
            Recording recording = new Recording();
            recording.enable("org.sallyport.GuestSample");
            for (String event : new String[] {"Compile", "Instantiate", "GarbageCollection", "Trap"}) {
                recording.enable("org.sallyport." + event);
            }
            recording.enable("jdk.ExecutionSample");
            recording.enable("jdk.GarbageCollection");
            recording.enable("jdk.CPULoad");
            recording.start();
            return recording;
        } catch (NoClassDefFoundError e) {
            throw new FailureException("this Java has no Flight Recorder (module jdk.jfr)", e);
        }
    }

    static void end(@Nullable AutoCloseable begun, Path file) throws IOException {
        if (begun instanceof Recording recording) {
            try (recording) {
                recording.stop();
                recording.dump(file);
            }
        }
    }
}
