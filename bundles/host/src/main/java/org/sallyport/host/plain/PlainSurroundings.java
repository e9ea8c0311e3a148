package org.sallyport.host.plain;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.core.ContractNotSeenException;
import org.sallyport.host.core.HostOffer;
import org.sallyport.host.core.ModuleWish;
import org.sallyport.host.core.Surroundings;

/** What surrounds a plugin of a plain host: the same for all. */
final class PlainSurroundings implements Surroundings {
    private final PlainModules modules;
    private final PlainServices services;
    private final ClassLoader contracts;

    PlainSurroundings(PlainModules modules, PlainServices services, ClassLoader contracts) {
        this.modules = modules;
        this.services = services;
        this.contracts = contracts;
    }

    @Override
    public AutoCloseable watch(ModuleWish wish, Listener listener) {
        return modules.watch(wish, listener);
    }

    @Override
    public @Nullable HostOffer any(ModuleWish wish) {
        return modules.any(wish);
    }

    @Override
    public Class<?> contract(String name) {
        try {
            return Class.forName(name, false, contracts);
        } catch (ClassNotFoundException e) {
            throw new ContractNotSeenException(
                    "there is no interface " + name + " in the class loader of contracts; give the right one to"
                            + " PlainPluginHost.Builder.contracts",
                    e);
        }
    }

    @Override
    public Registration offer(String contract, Object service, Map<String, Object> properties) {
        return services.add(service, properties);
    }
}
