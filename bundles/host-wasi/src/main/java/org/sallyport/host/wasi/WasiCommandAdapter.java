package org.sallyport.host.wasi;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.BindException;
import org.sallyport.EntityType;
import org.sallyport.GuestExitException;
import org.sallyport.Instance;
import org.sallyport.Store;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;
import org.sallyport.wasi.WasiProcess;

/** Makes {@link WasiCommand}s. */
public final class WasiCommandAdapter implements PluginAdapter<WasiCommand> {
    private static final String START = "_start";

    @Override
    public WasiCommand adapt(Plugin plugin) {
        List<String> missing = new ArrayList<>();
        boolean starts = plugin.module().exports().stream()
                .anyMatch(export -> export.name().equals(START) && export.type() instanceof EntityType.Func);
        if (!starts) {
            missing.add("no exported function \"" + START + "\": it is no WASI command");
        }
        if (plugin.manifest().policy() != EntryPolicy.FRESH) {
            missing.add("a command's instance serves one run: the manifest needs policy=fresh, and has "
                    + plugin.manifest().policy());
        }
        if (!missing.isEmpty()) {
            throw new BindException(WasiCommand.class, plugin.module().name(), missing);
        }
        return (args, input) -> plugin.use(instance -> run(plugin.id(), instance, args, input));
    }

    private static WasiCommand.Result run(String name, Instance instance, List<String> args, byte[] input) {
        Store store = instance.store();
        List<String> all = new ArrayList<>();
        all.add(name);
        all.addAll(args);
        CommandStreams streams = new CommandStreams(all, input);
        end(store); // of a start function that has called WASI
        store.attach(CommandStreams.class, streams);
        int status = 0;
        try {
            instance.func(START).call();
        } catch (GuestExitException exit) {
            status = exit.status();
        } finally {
            end(store);
        }
        return streams.result(status);
    }

    private static void end(Store store) {
        WasiProcess process = store.attachment(WasiProcess.class);
        if (process != null) {
            process.close();
            store.attach(WasiProcess.class, null);
        }
    }
}
