package org.sallyport.store;

import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.sallyport.StoreLimits;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VirtualMemory;

/** The instance allocator as a service. */
@Designate(ocd = InstanceAllocatorComponent.Settings.class)
@Component(service = InstanceAllocator.class, configurationPid = "org.sallyport.store")
public final class InstanceAllocatorComponent implements InstanceAllocator {
    /** Configuration. */
    @ObjectClassDefinition(name = "Sallyport instance allocator")
    @interface Settings {
        @AttributeDefinition(description = "How many stacks and memory reservations stay ready for the next store")
        int pool() default PoolingAllocator.DEFAULT_POOL;
    }

    private final PoolingAllocator allocator;

    @Activate
    public InstanceAllocatorComponent(Settings settings) {
        allocator = new PoolingAllocator(new LinuxMemory(), settings.pool());
    }

    @Deactivate
    void deactivate() {
        allocator.trim();
    }

    @Override
    public VirtualMemory virtualMemory() {
        return allocator.virtualMemory();
    }

    @Override
    public StoreMemory open(StoreLimits limits, boolean explicitBoundsChecks, ResourceAccount account) {
        return allocator.open(limits, explicitBoundsChecks, account);
    }

    @Override
    public @Nullable MemoryImage newImage(long offset, byte[] content, ResourceAccount account) {
        return allocator.newImage(offset, content, account);
    }

    @Override
    public void trim() {
        allocator.trim();
    }
}
