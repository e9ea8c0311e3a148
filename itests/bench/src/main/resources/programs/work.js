(function () {
  function fib(n){ return n<2?n:fib(n-1)+fib(n-2); }
  function sieve(n){ const a=new Uint8Array(n+1); let c=0; for(let i=2;i<=n;i++){ if(!a[i]){c++; for(let j=i*2;j<=n;j+=i)a[j]=1;} } return c; }
  class P{ constructor(x,y){this.x=x;this.y=y;} add(o){ return new P(this.x+o.x,this.y+o.y);} }
  function objs(n){ let p=new P(0,0), q=new P(1,2); for(let i=0;i<n;i++){ p=p.add(q);} return p.x+p.y; }
  function strs(n){ let m=new Map(); for(let i=0;i<n;i++){ const k='k'+(i%97); m.set(k,(m.get(k)||0)+i); } let s=''; for(const [k,v] of m) s+=k+v+','; return s.length; }
  function sorts(n){ let a=[]; let x=12345; for(let i=0;i<n;i++){ x=(x*1103515245+12345)%2147483648; a.push(x);} a.sort((p,q)=>p-q); return a[n>>1]; }
  function re(n){ let c=0; for(let i=0;i<n;i++){ const m=/(\w+)@(\w+)\.com/.exec('hello user'+i+'@example.com bye'); c+=m[1].length; } return c; }
  function json(n){ let t=0; for(let i=0;i<n;i++){ const o=JSON.parse(JSON.stringify({a:[1,2,{b:'x'+i}],c:i/3,d:null})); t+=o.a[2].b.length; } return t; }
  return [fib(22), sieve(60000), objs(30000), strs(20000), sorts(8000), re(2000), json(2000)].join(" ");
})()
