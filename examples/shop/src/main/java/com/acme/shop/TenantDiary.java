package com.acme.shop;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.sallyport.Caller;
import org.sallyport.cdi.HostModule;
import org.sallyport.host.PluginIdentity;

/** Keeps the last notes of each tenant. Whose note it is says the grant, not the plugin. */
@HostModule("shop")
@ApplicationScoped
public class TenantDiary implements Diary {
    private static final int MOST = 20;
    private static final int LONGEST = 200;

    private final Map<String, Deque<String>> notes = new ConcurrentHashMap<>();

    @Override
    public void note(Caller caller, String text) {
        Object tenant = caller.attachment(PluginIdentity.class).attribute("tenant");
        Deque<String> own = notes.computeIfAbsent(String.valueOf(tenant), _ -> new ArrayDeque<>());
        synchronized (own) {
            own.addLast(text.substring(0, Math.min(text.length(), LONGEST)));
            if (own.size() > MOST) {
                own.removeFirst();
            }
        }
    }

    /** The last ones, the newest at the end. */
    public List<String> of(String tenant) {
        Deque<String> own = notes.getOrDefault(tenant, new ArrayDeque<>());
        synchronized (own) {
            return List.copyOf(own);
        }
    }
}
