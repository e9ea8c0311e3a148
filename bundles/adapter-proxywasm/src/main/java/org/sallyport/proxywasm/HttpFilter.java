package org.sallyport.proxywasm;

import java.util.Optional;
import org.sallyport.host.AdaptedBy;

/**
 * A filter of HTTP messages by the Proxy-Wasm ABI 0.2.1. By {@code services=org.sallyport.proxywasm.HttpFilter} in the manifest,
 * or {@code plugin.as(HttpFilter.class)}; its grant allows {@code (sallyport.module=env)}, see {@link ProxyModule}. One instance
 * has all exchanges, as in a proxy's thread, so the manifest's policy is {@code serialized}. Thread-safe; calls wait for
 * each other.
 */
@AdaptedBy(HttpFilterAdapter.class)
public interface HttpFilter {
    /**
     * A request has come. To be closed when it is answered.
     *
     * @throws org.sallyport.host.PluginUnavailableException while the plugin is not active
     */
    Exchange begin();

    /** One request and its response. Used by one thread at a time. */
    interface Exchange extends AutoCloseable {
        /**
         * Header and body callbacks of the request.
         *
         * @param request changed by the filter
         * @return what the filter answers instead, if it does
         * @throws ProxyException if the filter waits for something that never comes, or has been restarted meanwhile
         */
        Optional<HttpMessage> request(HttpMessage request);

        /** Likewise of the response. */
        Optional<HttpMessage> response(HttpMessage response);

        /** {@code proxy_on_done}, {@code proxy_on_log}, {@code proxy_on_delete}. Idempotent. */
        @Override
        void close();
    }
}
