export { default } from '../../chat/[id]/page.tsx';
