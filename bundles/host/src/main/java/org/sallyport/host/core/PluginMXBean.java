package org.sallyport.host.core;

/** A plugin in JMX: {@code org.sallyport:type=Plugin,id="…"}. All of {@link org.sallyport.host.Plugin}, in JMX's words. */
public interface PluginMXBean {
    String getState();

    /** SHA-256 of its module. */
    String getDigest();

    String getLocation();

    long getCalls();

    long getTraps();

    long getStops();

    long getDenials();

    int getInstances();

    long getMemoryBytes();

    long getHostCalls();

    long getLogLines();

    double getProcessorSeconds();

    long getOverBudget();

    /** Microseconds that half of the calls stayed below. */
    double getMedianMicros();

    /** Likewise 99 of 100. */
    double getSlowMicros();
}
