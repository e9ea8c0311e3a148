package org.sallyport.host.core;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.sallyport.host.Plugin;

/** Plugins in the JVM's JMX server, from when they come to when they go. Thread-safe. */
final class PluginBeans {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Map<Plugin, ObjectName> names = new ConcurrentHashMap<>();

    private record Bean(Plugin plugin) implements PluginMXBean {
        @Override
        public String getState() {
            return plugin.state().name();
        }

        @Override
        public String getDigest() {
            return plugin.origin().digest();
        }

        @Override
        public String getLocation() {
            return plugin.origin().location();
        }

        @Override
        public long getCalls() {
            return plugin.counters().calls();
        }

        @Override
        public long getTraps() {
            return plugin.counters().traps();
        }

        @Override
        public long getStops() {
            return plugin.counters().stops();
        }

        @Override
        public long getDenials() {
            return plugin.counters().denials();
        }

        @Override
        public int getInstances() {
            return plugin.counters().instances();
        }

        @Override
        public long getMemoryBytes() {
            return plugin.counters().memoryBytes();
        }

        @Override
        public long getHostCalls() {
            return plugin.usage().hostCalls();
        }

        @Override
        public long getLogLines() {
            return plugin.usage().logLines();
        }

        @Override
        public double getProcessorSeconds() {
            return plugin.usage().processorNanos() / 1e9;
        }

        @Override
        public long getOverBudget() {
            return plugin.usage().overBudget();
        }

        @Override
        public double getMedianMicros() {
            return micros(0.5);
        }

        @Override
        public double getSlowMicros() {
            return micros(0.99);
        }

        private double micros(double part) {
            Duration time = plugin.latency().below(part);
            return time.toNanos() / 1e3;
        }
    }

    /** Of several with one id, the later ones have a number besides. */
    void add(Plugin plugin) {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            String name = "org.sallyport:type=Plugin,id=" + ObjectName.quote(plugin.id());
            Bean bean = new Bean(plugin);
            try {
                names.put(plugin, server.registerMBean(bean, new ObjectName(name)).getObjectName());
            } catch (InstanceAlreadyExistsException e) {
                String other = name + ",number=" + System.identityHashCode(plugin);
                names.put(plugin, server.registerMBean(bean, new ObjectName(other)).getObjectName());
            }
        } catch (JMException | NoClassDefFoundError e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "plugin " + plugin.id() + " is not in JMX", e);
        }
    }

    void remove(Plugin plugin) {
        ObjectName name = names.remove(plugin);
        if (name != null) {
            try {
                ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
            } catch (JMException e) {
                LOG.log(System.Logger.Level.DEBUG, () -> "plugin " + plugin.id() + " was not in JMX any more", e);
            }
        }
    }
}
