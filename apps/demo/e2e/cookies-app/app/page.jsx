export default function Page() {
  return <p>There is only the route.</p>;
}
