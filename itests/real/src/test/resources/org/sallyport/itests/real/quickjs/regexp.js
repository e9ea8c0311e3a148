// Regular expressions: named groups, look-around, unicode, sticky, replace with functions, backtracking.
const log = "2024-05-17T10:11:12Z ERROR [io] disk 93% full; 2024-06-01T00:00:00Z WARN [net] 3 retries";
const found = [...log.matchAll(/(?<date>\d{4}-\d\d-\d\d)T\S+ (?<level>[A-Z]+) \[(?<area>\w+)\]/g)].map(m => `${m.groups.level}:${m.groups.area}@${m.groups.date}`);
[
  found, log.replace(/(\d+)%/g, (_, n) => `${100 - n}% free`), "aaaaaaaaaaaaaaaaaaaaaaaa!".match(/^(a|aa)+$/), /(?<=\$)\d+(?!\.)/.exec("cost $42 or $4.5")?.[0],
  /\p{Script=Greek}+/u.exec("abc αβγ")?.[0], "2020-01-02".replace(/(\d+)-(\d+)-(\d+)/, "$3/$2/$1"), "a1b22c333".split(/\d+/), /^[\w.+-]+@[\w-]+\.[\w.]+$/.test("ada@example.org"),
].join("\n");
