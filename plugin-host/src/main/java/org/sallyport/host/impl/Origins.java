package org.sallyport.host.impl;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.sallyport.host.PluginOrigin;

/** Looks up where plugins come from. */
final class Origins {
    private Origins() {}

    /**
     * @param bundle answers for the plugin
     * @param wasm its module
     */
    static PluginOrigin of(Bundle bundle, byte[] wasm) {
        return new PluginOrigin(bundle.getLocation(), PluginOrigin.digest(wasm), signers(bundle));
    }

    private static List<List<String>> signers(Bundle bundle) {
        List<List<String>> signers = new ArrayList<>();
        Map<X509Certificate, List<X509Certificate>> trusted = bundle.getSignerCertificates(Bundle.SIGNERS_TRUSTED);
        for (List<X509Certificate> chain : trusted.values()) {
            signers.add(chain.stream()
                    .map(certificate -> certificate.getSubjectX500Principal().getName())
                    .toList());
        }
        return signers;
    }
}
