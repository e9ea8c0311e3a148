package org.sallyport.store;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.sallyport.StoreLimits;
import org.sallyport.spi.ConfigValues;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.SharedLinearMemory;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.wasm.MemoryType;

/**
 * The instance allocator as a service. It is there also where native access is denied: engines of other back ends than machine
 * code need nothing of it, and only what is asked of it fails.
 */
@Designate(ocd = InstanceAllocatorComponent.Settings.class)
@Component(service = InstanceAllocator.class, configurationPid = InstanceAllocatorComponent.PID)
public final class InstanceAllocatorComponent implements InstanceAllocator {
    static final String PID = "org.sallyport.store";
    private static final System.Logger LOG = System.getLogger(InstanceAllocatorComponent.class.getName());

    /** Describes the configuration to tools. */
    @ObjectClassDefinition(name = "Sallyport instance allocator")
    @interface Settings {
        @AttributeDefinition(description = "How many stacks and memory reservations stay ready for the next store")
        int pool() default PoolingAllocator.DEFAULT_POOL;
    }

    private final int pool;
    private volatile @Nullable PoolingAllocator allocator;

    @Activate
    public InstanceAllocatorComponent(Map<String, Object> configuration) {
        pool = pool(configuration);
    }

    private PoolingAllocator allocator() {
        PoolingAllocator known = allocator;
        return known == null ? make() : known;
    }

    private synchronized PoolingAllocator make() {
        PoolingAllocator known = allocator;
        if (known == null) {
            known = new PoolingAllocator(new LinuxMemory(), pool);
            allocator = known;
        }
        return known;
    }

    /** What cannot be read is told and leaves the default in force: the pool limits nothing, it only makes stores quick. */
    static int pool(Map<String, ?> configuration) {
        int pool = PoolingAllocator.DEFAULT_POOL;
        for (String key : new TreeSet<>(configuration.keySet())) {
            try {
                String fault = ConfigValues.keyFault(key, Set.of("pool"));
                if (fault != null) {
                    throw new IllegalArgumentException(fault);
                }
                if (key.equals("pool")) {
                    pool = (int) ConfigValues.number(key, configuration.get(key), 0, Integer.MAX_VALUE);
                }
            } catch (IllegalArgumentException e) {
                LOG.log(System.Logger.Level.ERROR, () -> "configuration " + PID + ": " + e.getMessage()
                        + "; the default stays in force: " + PoolingAllocator.DEFAULT_POOL);
            }
        }
        return pool;
    }

    @Deactivate
    void deactivate() {
        trim();
    }

    @Override
    public VirtualMemory virtualMemory() {
        return allocator().virtualMemory();
    }

    @Override
    public StoreMemory open(StoreLimits limits, boolean explicitBoundsChecks, ResourceAccount account) {
        return allocator().open(limits, explicitBoundsChecks, account);
    }

    @Override
    public SharedLinearMemory newSharedMemory(
            MemoryType type, boolean explicitBoundsChecks, ResourceAccount account, MemoryBudget budget) {
        return allocator().newSharedMemory(type, explicitBoundsChecks, account, budget);
    }

    @Override
    public @Nullable MemoryImage newImage(long offset, byte[] content, ResourceAccount account) {
        return allocator().newImage(offset, content, account);
    }

    @Override
    public void trim() {
        PoolingAllocator known = allocator;
        if (known != null) {
            known.trim();
        }
    }
}
