package org.sallyport.host.core;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * What happens to plugins as events of the JDK's Flight Recorder. Where it is not part of the Java that runs, or has not been
 * started, nothing of it is loaded.
 */
final class FlightAudit {
    private static final boolean PRESENT = isPresent();

    private FlightAudit() {}

    @Name("org.sallyport.Plugin")
    @Label("Plugin")
    @Category("Sallyport")
    @StackTrace(false)
    private static final class Entry extends Event {
        @Label("Plugin")
        String plugin = "";

        @Label("Kind")
        String kind = "";

        @Label("Message")
        String message = "";
    }

    private static boolean isPresent() {
        try {
            Class.forName("jdk.jfr.FlightRecorder", false, FlightAudit.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** @param kind name of the {@link org.sallyport.host.PluginEvent} */
    static void record(String plugin, String kind, String message) {
        if (PRESENT && FlightRecorder.isInitialized()) {
            Entry entry = new Entry();
            entry.plugin = plugin;
            entry.kind = kind;
            entry.message = message;
            entry.commit();
        }
    }
}
