package org.sallyport.host.wasi;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.sallyport.host.AdaptedBy;

/**
 * A plugin that is a WASI command: a module that exports {@code _start}. Each run is in a fresh instance; {@code policy=fresh}
 * in the manifest says so. Thread-safe.
 *
 * <p>Arguments, input and where output goes are the caller's; all else is what {@link WasiGrant} gives.
 */
@AdaptedBy(WasiCommandAdapter.class)
public interface WasiCommand {
    /**
     * @param args without the program's name, which is the plugin's id
     * @param input its standard input
     * @return also where it ends with another status than 0
     * @throws org.sallyport.GuestException if it traps or is stopped
     * @throws org.sallyport.host.PluginUnavailableException while the plugin is not active
     */
    Result run(List<String> args, byte[] input);

    /** Without input. */
    default Result run(String... args) {
        return run(List.of(args), new byte[0]);
    }

    /**
     * What came of a run.
     *
     * @param output at most 16 MiB; a command that writes more is told that there is no space left
     * @param errors likewise
     */
    record Result(int status, byte[] output, byte[] errors) {
        /** Of UTF-8. */
        public String text() {
            return new String(output, StandardCharsets.UTF_8);
        }

        /** Of UTF-8. */
        public String errorText() {
            return new String(errors, StandardCharsets.UTF_8);
        }
    }
}
