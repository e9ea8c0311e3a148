package org.sallyport.extism;

import org.sallyport.Caller;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.PluginIdentity;
import org.sallyport.wasm.Printable;

/** The kernel's functions for whichever instance calls them. */
final class KernelFunctions implements KernelApi {
    private static final System.Logger LOG = System.getLogger("org.sallyport.extism");
    private static final int MESSAGE = 4_096;
    /** Extism's: what is logged from there on. */
    private static final int INFO = 2;

    private static Kernel kernel(Caller caller) {
        return Kernel.of(caller.store());
    }

    private static KernelMemory memory(Caller caller) {
        return kernel(caller).memory;
    }

    private static String plugin(Caller caller) {
        PluginIdentity identity = caller.attachment(PluginIdentity.class);
        return identity == null ? "?" : identity.id();
    }

    @Override
    public long alloc(Caller caller, long length) {
        return memory(caller).alloc(length);
    }

    @Override
    public void free(Caller caller, long address) {
        memory(caller).free(address);
    }

    @Override
    public long length(Caller caller, long address) {
        return memory(caller).length(address);
    }

    @Override
    public long length_unsafe(Caller caller, long address) {
        return memory(caller).length(address);
    }

    @Override
    public int load_u8(Caller caller, long address) {
        return (int) memory(caller).load(address, 1);
    }

    @Override
    public long load_u64(Caller caller, long address) {
        return memory(caller).load(address, 8);
    }

    @Override
    public void store_u8(Caller caller, long address, int value) {
        memory(caller).store(address, 1, value);
    }

    @Override
    public void store_u64(Caller caller, long address, long value) {
        memory(caller).store(address, 8, value);
    }

    @Override
    public long input_length(Caller caller) {
        return memory(caller).length(kernel(caller).input());
    }

    @Override
    public long input_offset(Caller caller) {
        return kernel(caller).input();
    }

    @Override
    public int input_load_u8(Caller caller, long offset) {
        return (int) input(caller, offset, 1);
    }

    @Override
    public long input_load_u64(Caller caller, long offset) {
        return input(caller, offset, 8);
    }

    private static long input(Caller caller, long offset, int count) {
        Kernel kernel = kernel(caller);
        long length = kernel.memory.length(kernel.input());
        if (offset < 0 || offset > length - count) {
            throw new IndexOutOfBoundsException(
                    "the plug-in reads at " + Long.toUnsignedString(offset) + " of " + length + " bytes of input");
        }
        return kernel.memory.load(kernel.input() + offset, count);
    }

    @Override
    public void output_set(Caller caller, long address, long length) {
        kernel(caller).setOutput(address, length);
    }

    @Override
    public void error_set(Caller caller, long address) {
        kernel(caller).setError(address);
    }

    @Override
    public long error_get(Caller caller) {
        return kernel(caller).error();
    }

    @Override
    public long config_get(Caller caller, long key) {
        Kernel kernel = kernel(caller);
        return kernel.config(kernel.text(key));
    }

    @Override
    public long var_get(Caller caller, long key) {
        Kernel kernel = kernel(caller);
        return kernel.variable(kernel.text(key));
    }

    @Override
    public void var_set(Caller caller, long key, long value) {
        Kernel kernel = kernel(caller);
        kernel.setVariable(kernel.text(key), value == 0 ? null : kernel.memory.block(value));
    }

    /** This host makes no requests for plug-ins. */
    @Override
    public long http_request(Caller caller, long request, long body) {
        throw new AccessDeniedException(plugin(caller), ExtismModule.NAME + ".http_request", "HTTP is not granted by this host");
    }

    @Override
    public int http_status_code(Caller caller) {
        return 0;
    }

    @Override
    public long http_headers(Caller caller) {
        return 0;
    }

    @Override
    public int get_log_level(Caller caller) {
        return INFO;
    }

    @Override
    public void log_trace(Caller caller, long message) {
        log(caller, System.Logger.Level.TRACE, message);
    }

    @Override
    public void log_debug(Caller caller, long message) {
        log(caller, System.Logger.Level.DEBUG, message);
    }

    @Override
    public void log_info(Caller caller, long message) {
        log(caller, System.Logger.Level.INFO, message);
    }

    @Override
    public void log_warn(Caller caller, long message) {
        log(caller, System.Logger.Level.WARNING, message);
    }

    @Override
    public void log_error(Caller caller, long message) {
        log(caller, System.Logger.Level.ERROR, message);
    }

    private static void log(Caller caller, System.Logger.Level level, long message) {
        if (LOG.isLoggable(level)) {
            String text = Printable.text(kernel(caller).text(message), MESSAGE);
            LOG.log(level, "plugin " + plugin(caller) + ": " + text);
        }
    }
}
