package org.sallyport.engine.events;

import jdk.jfr.FlightRecorder;

/**
 * Whether the JDK's Flight Recorder takes events. Where it is not part of the Java that runs, or has not been started,
 * nothing of it is loaded.
 */
public final class FlightRecording {
    private static final boolean PRESENT = isPresent();

    private FlightRecording() {}

    private static boolean isPresent() {
        try {
            Class.forName("jdk.jfr.FlightRecorder", false, FlightRecording.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** Whether to make events at all. */
    public static boolean isOn() {
        return PRESENT && FlightRecorder.isInitialized();
    }
}
